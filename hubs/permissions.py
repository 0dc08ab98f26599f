"""Who may connect and who may call: permission classes for routes, hubs and actions; nobody by default."""

import functools
import inspect
import logging
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.models import AnonymousUser

if TYPE_CHECKING:
    from hubs.actions import Action
    from hubs.auth import Principal
    from hubs.hub import Hub

logger = logging.getLogger("hubs")


@dataclass(frozen=True, slots=True)
class PermissionRequest:
    """What is asked for: by whom, at which hub, and, for a call, which action with which arguments."""

    user: Any
    claims: Mapping[str, Any]
    hub: "type[Hub]"
    scope: Mapping[str, Any]
    action: "Action | None" = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    # Times at which the answer may be another one although nobody has written anything.
    deadlines: list[datetime] = field(default_factory=list, compare=False)

    def ask_again_at(self, at: datetime) -> None:
        """Says that the answer holds until then only; what is followed by it is asked about again then."""
        self.deadlines.append(at)

    @property
    def is_authenticated(self) -> bool:
        return bool(getattr(self.user, "is_authenticated", False))


class _Composable(type):
    """Lets permission classes be joined with `&`, `|` and `~`; the result is a class again."""

    def __and__(cls, other: "type[BasePermission]") -> "type[BasePermission]":
        return _composed(f"({cls.__name__} & {other.__name__})", cls, other, all_of=True)

    def __or__(cls, other: "type[BasePermission]") -> "type[BasePermission]":
        return _composed(f"({cls.__name__} | {other.__name__})", cls, other, all_of=False)

    def __invert__(cls) -> "type[BasePermission]":
        operand: Any = cls

        class Inverted(BasePermission):
            resource = operand.resource and f"not: {operand.resource}"

            async def has_permission(self, request: PermissionRequest) -> bool:
                return not await _decided(operand, request)

        Inverted.__name__ = f"~{cls.__name__}"
        return Inverted


class BasePermission(metaclass=_Composable):
    """One rule. Override `has_permission`; as it stands here it grants nothing."""

    # The rule in words of a class that looks at the arguments of a call, for `manage.py hubs matrix`.
    resource: ClassVar[str] = ""
    # What a composition is made of, and whether all of it must grant.
    operands: "ClassVar[tuple[type[BasePermission], ...]]" = ()
    needs_all: ClassVar[bool] = False

    def has_permission(self, request: PermissionRequest) -> bool | Awaitable[bool]:
        """Whether the request is allowed. May be a coroutine; must not query the database outside `run`."""
        return False


class AllowAny(BasePermission):
    """Everybody, also without a token."""

    def has_permission(self, request: PermissionRequest) -> bool:
        return True


class IsAuthenticated(BasePermission):
    """Whoever has shown a good token."""

    def has_permission(self, request: PermissionRequest) -> bool:
        return request.is_authenticated


def _composed(name: str, *composed_of: Any, all_of: bool) -> type[BasePermission]:
    class Composed(BasePermission):
        operands = composed_of
        needs_all = all_of
        resource = _joined(composed_of, " and " if all_of else " or ")

        async def has_permission(self, request: PermissionRequest) -> bool:
            for operand in composed_of:
                if await _decided(operand, request) is not all_of:
                    return not all_of
            return all_of

    Composed.__name__ = name
    return Composed


def _joined(operands: "Sequence[type[BasePermission]]", word: str) -> str:
    """The rule of a composition in words, where one of its classes looks at the arguments."""
    if not any(each.resource for each in operands):
        return ""
    return f"({word.join(each.resource or each.__name__ for each in operands)})"


@functools.cache
def _instance(permission_class: type) -> Any:
    """Permission classes hold no state: one object of each serves all requests."""
    return permission_class()


async def granted(permission_class: type, request: PermissionRequest) -> bool:
    """The answer of one class. Only True grants: a forgotten return statement must not."""
    return await _answer(permission_class, request) is True


async def _decided(operand: type, request: PermissionRequest) -> bool:
    """The answer of a class within a composition, where `~` would make a grant of a forgotten return."""
    answer = await _answer(operand, request)
    if not isinstance(answer, bool):
        raise TypeError(f"{operand.__name__} has answered neither True nor False.")
    return answer


async def _answer(permission_class: type, request: PermissionRequest) -> object:
    answer = _instance(permission_class).has_permission(request)
    if answer is not True and inspect.isawaitable(answer):
        return await answer
    return answer


async def all_granted(permission_classes: Iterable[type], request: PermissionRequest) -> bool:
    """Whether every class grants; no class at all grants nothing."""
    asked = False
    for permission_class in permission_classes:
        asked = True
        if not await granted(permission_class, request):
            return False
    return asked


async def may_call(
    hub: "Hub",
    action: "Action | None",
    arguments: Mapping[str, Any],
    deadlines: list[datetime] | None = None,
) -> bool:
    """Whether the classes of hub and action grant this call now; no action asks the hub's alone.

    Asked for each call, and again for what a call has left behind. Raises what a class raises. What the
    classes say of `ask_again_at` is added to `deadlines`.
    """
    request = PermissionRequest(
        user=hub.user,
        claims=hub.claims,
        hub=type(hub),
        scope=hub.scope,
        action=action,
        arguments=arguments,
        deadlines=[] if deadlines is None else deadlines,
    )
    if action is not None and action.permission_classes == ():
        return False  # it has been given none, so nobody may
    own = (action and action.permission_classes) or ()
    return await all_granted((*type(hub).permission_classes, *own), request)


async def may_connect(hub: "Hub", principal: "Principal | None", scope: Mapping[str, Any]) -> bool:
    """Whether the classes of the route and of the hub let this principal in; one that fails does not."""
    request = PermissionRequest(
        user=principal.user if principal else AnonymousUser(),
        claims=principal.claims if principal else {},
        hub=type(hub),
        scope=scope,
    )
    # A route without classes of its own leaves the decision to the hub; a hub without any lets nobody in.
    route_and_hub = (hub.route_permission_classes or (AllowAny,), type(hub).permission_classes)
    try:
        for classes in route_and_hub:
            if not await all_granted(classes, request):
                return False
    except Exception:
        logger.exception("permission failed", extra={"hub": type(hub).__name__})
        return False
    return True
