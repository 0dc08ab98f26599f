"""Who may connect and who may call: permission classes for routes, hubs and actions; nobody by default."""

import functools
import inspect
import logging
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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
        operand = cls

        class Inverted(BasePermission):
            async def has_permission(self, request: PermissionRequest) -> bool:
                return not await _decided(operand, request)

        Inverted.__name__ = f"~{cls.__name__}"
        return Inverted


class BasePermission(metaclass=_Composable):
    """One rule. Override `has_permission`; as it stands here it grants nothing."""

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


def _composed(name: str, *operands: type, all_of: bool) -> type[BasePermission]:
    class Composed(BasePermission):
        async def has_permission(self, request: PermissionRequest) -> bool:
            for operand in operands:
                if await _decided(operand, request) is not all_of:
                    return not all_of
            return all_of

    Composed.__name__ = name
    return Composed


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


async def may_call(hub: "Hub", action: "Action | None", arguments: Mapping[str, Any]) -> bool:
    """Whether the classes of hub and action grant this call now; no action asks the hub's alone.

    Asked for each call, and again for what a call has left behind. Raises what a class raises.
    """
    request = PermissionRequest(
        user=hub.user,
        claims=hub.claims,
        hub=type(hub),
        scope=hub.scope,
        action=action,
        arguments=arguments,
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
