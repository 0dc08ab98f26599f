"""What the routed hubs offer and whom they let in, as plain data: for listings and for TypeScript."""

import inspect
import re
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from django.conf import settings
from django.utils.module_loading import import_string

from hubs.actions import Action
from hubs.checks import HubRoute, hub_routes
from hubs.endpoint import BELOW
from hubs.hub import Hub
from hubs.permissions import BasePermission


@dataclass(frozen=True, slots=True)
class RoutedHub:
    """A hub at a path, for sockets and HTTP alike, with the permission classes of its route."""

    path: str
    hub: type[Hub]
    route_permission_classes: tuple[type[BasePermission], ...]


class ParameterDescription(msgspec.Struct, frozen=True, rename="camel"):
    """One argument of an action."""

    name: str
    type: str
    required: bool
    upload_stream: bool


class ActionDescription(msgspec.Struct, frozen=True, rename="camel"):
    """One action under its name on the wire; `permissions` are asked besides those of route and hub."""

    name: str
    description: str
    parameters: list[ParameterDescription]
    returns: str
    stream: bool
    permissions: list[str]


class HubDescription(msgspec.Struct, frozen=True, rename="camel"):
    """One hub at one path."""

    path: str
    name: str
    description: str
    route_permissions: list[str]
    hub_permissions: list[str]
    actions: list[ActionDescription]


def routed_hubs(application: Any = None) -> list[RoutedHub]:
    """The hubs of the ASGI application, of ASGI_APPLICATION if none is given, in the order of their paths."""
    routes = hub_routes(application or import_string(settings.ASGI_APPLICATION))
    return sorted({_routed(route) for route in routes}, key=lambda routed: (routed.path, routed.hub.__name__))


def described(routed: RoutedHub) -> HubDescription:
    return HubDescription(
        path=routed.path,
        name=routed.hub.__name__,
        description=docstring(routed.hub),
        route_permissions=_names(routed.route_permission_classes),
        hub_permissions=_names(routed.hub.permission_classes),
        actions=[_described_action(action) for action in routed.hub.actions()],
    )


def _described_action(action: Action) -> ActionDescription:
    return ActionDescription(
        name=action.name,
        description=docstring(action.function),
        parameters=[
            ParameterDescription(each.name, type_name(each.type), each.required, each.is_stream)
            for each in action.parameters
        ],
        returns=type_name(result_type(action)),
        stream=action.is_stream,
        permissions=_names(action.permission_classes or ()),
    )


def result_type(action: Action) -> Any:
    """What the action answers, for a stream the type of its items; Any where it does not say."""
    returned = typing.get_type_hints(action.function, include_extras=True).get("return", Any)
    if action.is_stream:
        return next(iter(typing.get_args(returned)), Any)
    return returned


def docstring(described_object: Any) -> str:
    """The docstring, but not the signature that a dataclass makes for itself."""
    text = inspect.cleandoc(described_object.__doc__ or "")
    is_signature = text.startswith(f"{described_object.__name__}(")
    return "" if is_signature else text


def type_name(hint: Any) -> str:
    """The annotation as a programmer writes it, without the modules that it comes from."""
    return re.sub(r"[\w.<>]*\.(?=\w)", "", inspect.formatannotation(hint)).replace("NoneType", "None")


def _routed(route: HubRoute) -> RoutedHub:
    return RoutedHub(_readable(route.path), route.hub, route.permission_classes)


def _readable(pattern: str) -> str:
    """The path that a route's pattern is made of; look-aheads consume nothing."""
    path = re.sub(r"\(\?=[^)]*\)", "", pattern.replace(BELOW, ""))
    return "/" + re.sub(r"\\(.)", r"\1", path).replace("^", "").replace("$", "").strip("/")


def _names(permission_classes: Iterable[type[BasePermission]]) -> list[str]:
    return [each.__name__ for each in permission_classes]
