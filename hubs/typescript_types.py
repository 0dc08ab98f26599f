"""The types of arguments, results and events as TypeScript: what their values look like in JSON."""

import enum
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import NODEFAULT, inspect

from hubs.description import docstring, type_name

_SIMPLE: dict[type[inspect.Type], str] = {
    inspect.NoneType: "null",
    inspect.BoolType: "boolean",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.DecimalType: "number",
    inspect.StrType: "string",
    # base64
    inspect.BytesType: "string",
    inspect.ByteArrayType: "string",
    inspect.MemoryViewType: "string",
    # ISO 8601
    inspect.DateTimeType: "string",
    inspect.DateType: "string",
    inspect.TimeType: "string",
    inspect.TimeDeltaType: "string",
    inspect.UUIDType: "string",
}

_Record = inspect.StructType | inspect.DataclassType | inspect.TypedDictType | inspect.NamedTupleType


class Types:
    """The declarations of one module, each type once and under a name of its own.

    A member with a default may be left out of what clients send (`sent`), and always stands in what they
    receive.
    """

    def __init__(self, sent: Iterable[Any], taken: Iterable[str]) -> None:
        self._sent = _reachable(sent)
        self._taken = set(taken)
        self._names: dict[Any, str] = {}
        self._declarations: dict[str, str] = {}

    def declarations(self) -> list[str]:
        return [self._declarations[name] for name in sorted(self._declarations)]

    def of(self, hint: Any) -> str:
        """How TypeScript writes the type; what it is made of is declared on the way."""
        return self._of(inspect.type_info(hint))

    def name(self, cls: Any) -> str:
        """The class's name; a second class of the same name gets a number."""
        if cls not in self._names:
            plain = re.sub(r"\W+", "_", type_name(cls)).strip("_")
            numbered = itertools.chain([plain], (f"{plain}{number}" for number in itertools.count(2)))
            self._names[cls] = next(each for each in numbered if each not in self._taken)
            self._taken.add(self._names[cls])
        return self._names[cls]

    def _of(self, info: inspect.Type) -> str:
        match info:
            case inspect.Metadata(type=inner):
                return self._of(inner)
            case inspect.LiteralType(values=values):
                return " | ".join(map(json.dumps, values))
            case inspect.UnionType(types=types):
                return " | ".join(dict.fromkeys(map(self._of, types)))
            case inspect.TupleType(item_types=items):
                return f"[{', '.join(map(self._of, items))}]"
            case inspect.DictType(value_type=value):
                return f"Record<string, {self._of(value)}>"
            case inspect.EnumType(cls=cls):
                return self._declared(cls, lambda name: _enum(name, cls))
            case inspect.CollectionType(item_type=item):
                return _list_of(self._of(item))
            case _ if isinstance(info, _Record):
                return self._declared(info.cls, lambda name: self._record(name, info))
        return _SIMPLE.get(type(info), "unknown")

    def _declared(self, cls: Any, declare: Callable[[str], str]) -> str:
        is_new = cls not in self._names
        name = self.name(cls)
        if is_new:
            self._declarations[name] = declare(name)
        return name

    def _record(self, name: str, info: _Record) -> str:
        if isinstance(info, inspect.NamedTupleType) or getattr(info, "array_like", False):
            items = ", ".join(self._of(field.type) for field in info.fields)
            return f"{jsdoc(docstring(info.cls))}export type {name} = [{items}];\n"
        members = [self._member(field, info) for field in info.fields]
        if isinstance(info, inspect.StructType) and info.tag_field is not None:
            members.insert(0, f"  {key(info.tag_field)}: {json.dumps(info.tag)};")
        return interface(name, docstring(info.cls), members)

    def _member(self, field: inspect.Field, info: _Record) -> str:
        optional = not field.required and (info.cls in self._sent or _may_be_missing(field, info))
        return f"  {key(field.encode_name)}{'?' if optional else ''}: {self._of(field.type)};"


def interface(name: str, description: str, members: Iterable[str]) -> str:
    return "\n".join([f"{jsdoc(description)}export interface {name} {{", *members, "}", ""])


def jsdoc(text: str, indent: str = "") -> str:
    """The comment with its line end, nothing for no text."""
    lines = text.replace("*/", "*\\/").splitlines()
    if len(lines) > 1:
        body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
        return f"{indent}/**\n{body}{indent} */\n"
    return f"{indent}/** {lines[0]} */\n" if lines else ""


def key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_$][\w$]*", name) else json.dumps(name)


def _enum(name: str, cls: type[enum.Enum]) -> str:
    values = " | ".join(json.dumps(member.value) for member in cls)
    return f"{jsdoc(docstring(cls))}export type {name} = {values};\n"


def _list_of(item: str) -> str:
    return f"({item})[]" if " | " in item else f"{item}[]"


def _may_be_missing(field: inspect.Field, info: _Record) -> bool:
    """Whether also the server may leave the member out: it can be unset, or defaults are not sent."""
    if getattr(getattr(info.cls, "__struct_config__", None), "omit_defaults", False):
        return True
    return field.default is NODEFAULT and field.default_factory is NODEFAULT


def _reachable(hints: Iterable[Any]) -> set[Any]:
    """The records that stand somewhere in the types."""
    found: set[Any] = set()
    waiting = [inspect.type_info(hint) for hint in hints]
    while waiting:
        info = waiting.pop()
        if isinstance(info, _Record):
            if info.cls in found:
                continue
            found.add(info.cls)
        waiting.extend(_parts(info))
    return found


def _parts(info: inspect.Type) -> Iterator[inspect.Type]:
    match info:
        case inspect.Metadata(type=inner):
            yield inner
        case inspect.UnionType(types=types):
            yield from types
        case inspect.TupleType(item_types=items):
            yield from items
        case inspect.DictType(value_type=value):
            yield value
        case _ if isinstance(info, _Record):
            yield from (field.type for field in info.fields)
        case inspect.CollectionType(item_type=item):
            yield item
