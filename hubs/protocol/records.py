"""Reads the members of records without regard to case, as SignalR's JSON does."""

import functools
from typing import Any

from msgspec import inspect

_Record = inspect.StructType | inspect.DataclassType | inspect.TypedDictType | inspect.NamedTupleType


@functools.lru_cache(maxsize=1024)
def _info(to: Any) -> inspect.Type:
    return inspect.type_info(to)


@functools.lru_cache(maxsize=1024)
def inside(to: Any) -> bool:
    """Whether a record (struct, dataclass, typed dict) stands anywhere in the type."""
    return _inside(_info(to))


def _inside(info: inspect.Type) -> bool:
    match info:
        case inspect.StructType() | inspect.DataclassType() | inspect.TypedDictType():
            return True
        case inspect.CollectionType(item_type=item) | inspect.DictType(value_type=item):
            return _inside(item)
        case inspect.UnionType(types=types):
            return any(_inside(each) for each in types)
        case inspect.Metadata(type=inner):
            return _inside(inner)
    return False


def spelled(value: Any, to: Any) -> Any:
    """The decoded value with the members of its records spelled as the type declares them."""
    return _spelled(value, _info(to))


def _spelled(value: Any, info: inspect.Type) -> Any:
    match info, value:
        case inspect.Metadata(type=inner), _:
            return _spelled(value, inner)
        case inspect.UnionType(types=types), _:
            return _spelled_as_one_of(value, types)
        case inspect.CollectionType(item_type=item), list():
            return [_spelled(each, item) for each in value]
        case inspect.DictType(value_type=item), dict():
            return {key: _spelled(each, item) for key, each in value.items()}
        case ((inspect.StructType() | inspect.DataclassType() | inspect.TypedDictType()), dict()):
            return _spelled_record(value, info.fields)
    return value


def _spelled_as_one_of(value: Any, types: tuple[inspect.Type, ...]) -> Any:
    """msgspec allows one record and one collection in a union, so the first that fits is the one."""
    wanted = inspect.CollectionType if isinstance(value, list) else (_Record | inspect.DictType)
    for each in types:
        if isinstance(value, list | dict) and isinstance(each, wanted):
            return _spelled(value, each)
    return value


def _spelled_record(value: dict[Any, Any], fields: tuple[inspect.Field, ...]) -> dict[Any, Any]:
    declared = {field.encode_name.lower(): field for field in fields}
    result: dict[Any, Any] = {}
    for name, each in value.items():
        field = declared.get(name.lower()) if isinstance(name, str) else None
        if field is None:
            result[name] = each
        else:
            result[field.encode_name] = _spelled(each, field.type)
    return result
