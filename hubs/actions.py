"""What clients may call: the `@action` mark, the table of a hub's actions, and the binding of arguments."""

import collections.abc
import functools
import inspect
import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

import msgspec

from hubs.errors import BindingError
from hubs.permissions import BasePermission

Function = TypeVar("Function", bound=Callable[..., Any])
Convert = Callable[[Any, Any], Any]

_MARK = "_hubs_action"


@dataclass(frozen=True, slots=True)
class _Mark:
    name: str | None
    permission_classes: tuple[type[BasePermission], ...] | None
    resource: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: its name and type, whether it may be left out, whether it is an upload stream."""

    name: str
    type: Any
    required: bool
    is_stream: bool


@dataclass(frozen=True)
class Action:
    """One method that clients may call, under its name on the wire."""

    name: str
    function: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    # A method that yields answers with a stream.
    is_stream: bool
    # None: the hub's own classes are all that is asked.
    permission_classes: tuple[type[BasePermission], ...] | None
    # In words, which of the things that a call can name its code refuses besides what the classes do.
    resource: str = ""

    @functools.cached_property
    def upload_streams(self) -> tuple[Parameter, ...]:
        return tuple(parameter for parameter in self.parameters if parameter.is_stream)

    @functools.cached_property
    def arguments(self) -> tuple[Parameter, ...]:
        return tuple(parameter for parameter in self.parameters if not parameter.is_stream)

    @functools.cached_property
    def _required(self) -> int:
        return sum(parameter.required for parameter in self.arguments)

    def bind(self, arguments: Sequence[Any], convert: Convert) -> dict[str, Any]:
        """The arguments by name and in their declared types. Raises BindingError."""
        expected = self.arguments
        if not self._required <= len(arguments) <= len(expected):
            raise BindingError(
                f"Invocation provides {len(arguments)} argument(s) but target expects {len(expected)}."
            )
        try:
            return {
                parameter.name: convert(argument, parameter.type)
                for parameter, argument in zip(expected, arguments, strict=False)
            }
        except (msgspec.DecodeError, ValueError, OverflowError, RecursionError) as error:
            raise BindingError(
                "Error binding arguments. Make sure that the types of the provided values match the types "
                "of the hub method being invoked."
            ) from error


class ActionTable:
    """The actions of one hub by name, without regard to case."""

    def __init__(self, actions: Iterable[Action]) -> None:
        self._by_name: dict[str, Action] = {}
        for action_ in actions:
            if action_.name.lower() in self._by_name:
                raise TypeError(f"Two actions have the name {action_.name!r} on the wire.")
            self._by_name[action_.name.lower()] = action_

    def __iter__(self) -> collections.abc.Iterator[Action]:
        return iter(self._by_name.values())

    def get(self, name: str) -> Action | None:
        return self._by_name.get(name.lower())


@overload
def action(function: Function, /) -> Function: ...
@overload
def action(
    *,
    name: str | None = None,
    permission_classes: Sequence[type[BasePermission]] | None = None,
    resource: str = "",
) -> Callable[[Function], Function]: ...
def action(
    function: Any = None,
    /,
    *,
    name: str | None = None,
    permission_classes: Sequence[type[BasePermission]] | None = None,
    resource: str = "",
) -> Any:
    """Marks a method of a hub as callable by clients, as `OrderMedication` for `order_medication`.

    `name` renames it on the wire; `permission_classes` must pass besides the hub's own. `resource` says in
    words, for `manage.py hubs matrix`, on which objects the method's own code lets a caller work.
    """
    mark = _Mark(name, None if permission_classes is None else tuple(permission_classes), resource)

    def marked(method: Any) -> Any:
        setattr(method, _MARK, mark)
        return method

    return marked if function is None else marked(function)


def table_of(hub: type) -> ActionTable:
    """The hub's actions, inherited ones included. Raises TypeError for one that cannot be called."""
    marked = {
        attribute: method
        for cls in reversed(hub.__mro__)
        for attribute, method in vars(cls).items()
        if hasattr(method, _MARK)
    }
    # A subclass that overrides an action without the mark has taken it away.
    current = {name: method for name, method in marked.items() if getattr(hub, name) is method}
    return ActionTable(_action(method) for method in current.values())


def _action(method: Callable[..., Any]) -> Action:
    mark: _Mark = getattr(method, _MARK)
    if not (inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method)):
        raise TypeError(f"The action {method.__qualname__} must be `async def`.")
    return Action(
        name=mark.name or "".join(part.capitalize() for part in method.__name__.split("_")),
        function=method,
        parameters=tuple(_parameters(method)),
        is_stream=inspect.isasyncgenfunction(method) or _returns_stream(method),
        permission_classes=mark.permission_classes,
        resource=mark.resource,
    )


def _returns_stream(method: Callable[..., Any]) -> bool:
    """A coroutine that returns an async iterator can refuse before there is a stream."""
    returned = typing.get_type_hints(method).get("return")
    return typing.get_origin(returned) in {
        collections.abc.AsyncIterator,
        collections.abc.AsyncIterable,
        collections.abc.AsyncGenerator,
    }


def _parameters(method: Callable[..., Any]) -> Iterable[Parameter]:
    hints = typing.get_type_hints(method, include_extras=True)
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        if parameter.name not in hints or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TypeError(f"The parameter {parameter.name!r} of {method.__qualname__} needs an annotation.")
        hint = hints[parameter.name]
        is_stream = typing.get_origin(hint) is collections.abc.AsyncIterator
        yield Parameter(
            name=parameter.name,
            type=typing.get_args(hint)[0] if is_stream else hint,
            required=parameter.default is parameter.empty,
            is_stream=is_stream,
        )
