"""System checks: `manage.py check` reports them, `hubs.checked` raises those of the routes at start-up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from channels.auth import AuthMiddleware
from channels.layers import channel_layers
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from hubs.auth import OriginMiddleware, QueryStringTokenMiddleware
from hubs.conf import DEFAULTS, HUB_OPTIONS, hubs_settings
from hubs.hub import Hub
from hubs.permissions import BasePermission
from hubs.rate_limits import parsed

MINIMUM_REDIS_TIMEOUT = 5  # channels_redis blocks for this long; a shorter read time-out cuts idle receivers


class UnsafeRoutes(ImproperlyConfigured):
    """The hub routes would let somebody in, or nobody, by mistake; the server must not start."""

    def __init__(self, messages: list[checks.CheckMessage]) -> None:
        self.messages = messages
        super().__init__("\n".join(str(message) for message in messages))


@dataclass(frozen=True, slots=True)
class HubRoute:
    """One way to a hub: for sockets or HTTP, at which path, through which middlewares (outermost first)."""

    protocol: str
    path: str
    hub: type[Hub]
    through: tuple[type, ...]
    permission_classes: tuple[type[BasePermission], ...]


def hub_routes(application: Any) -> list[HubRoute]:
    """Every route of the ASGI application that ends at a hub."""
    if not isinstance(application, ProtocolTypeRouter):
        return list(_walk(application, "any", "", ()))
    return [
        route
        for protocol, inner in application.application_mapping.items()
        for route in _walk(inner, protocol, "", ())
    ]


def _walk(app: Any, protocol: str, path: str, through: tuple[type, ...]) -> Iterator[HubRoute]:
    """Follows routers by their routes, middlewares by `inner` (Channels) or `app` (Starlette)."""
    hub = getattr(app, "consumer_class", None)
    if isinstance(hub, type) and issubclass(hub, Hub):
        own = app.consumer_initkwargs.get("permission_classes", ())
        yield HubRoute(protocol, path, hub, through, tuple(own))
    elif isinstance(app, URLRouter):
        for route in app.routes:
            if isinstance(route, URLRouter):
                yield from _walk(route, protocol, path, through)
            else:
                yield from _walk(route.callback, protocol, f"{path}{route.pattern}", through)
    else:
        inner = getattr(app, "inner", None) or getattr(app, "app", None)
        if inner is not None:
            yield from _walk(inner, protocol, path, (*through, type(app)))


def route_errors(application: Any) -> list[checks.CheckMessage]:
    """What is wrong with the hub routes of an ASGI application."""
    routes = hub_routes(application)
    found = [error for route in routes for error in _errors_of_route(route)]
    hubs = sorted({route.hub for route in routes}, key=lambda hub: hub.__qualname__)
    return found + [error for hub in hubs for error in _errors_of_hub(hub)]


def _errors_of_route(route: HubRoute) -> Iterator[checks.CheckMessage]:
    where = f"{route.protocol} route {route.path} to {route.hub.__name__}"
    if QueryStringTokenMiddleware not in route.through:
        yield checks.Error(
            f"The {where} does not pass QueryStringTokenMiddleware: every connection would be anonymous.",
            hint="Use OriginMiddleware(QueryStringTokenMiddleware(AuthMiddlewareStack(URLRouter(...)))).",
            id="hubs.E001",
        )
    elif _comes_before(AuthMiddleware, QueryStringTokenMiddleware, route.through):
        yield checks.Error(
            f"On the {where} QueryStringTokenMiddleware stands behind AuthMiddlewareStack, which would let "
            "the session cookie decide who the user is.",
            hint="Put QueryStringTokenMiddleware outside, around AuthMiddlewareStack.",
            id="hubs.E002",
        )
    if OriginMiddleware not in route.through or _comes_before(
        QueryStringTokenMiddleware, OriginMiddleware, route.through
    ):
        yield checks.Error(
            f"The {where} does not pass OriginMiddleware before its token is looked at.",
            hint="Put OriginMiddleware outermost.",
            id="hubs.E003",
        )


def _comes_before(first: type, second: type, through: tuple[type, ...]) -> bool:
    return first in through and second in through and through.index(first) < through.index(second)


def _errors_of_hub(hub: type[Hub]) -> Iterator[checks.CheckMessage]:
    if not hub.permission_classes:
        yield checks.Error(
            f"{hub.__name__} declares no permission_classes, so nobody may connect.",
            hint="Name them on the class; [AllowAny] welcomes everybody.",
            obj=hub,
            id="hubs.E004",
        )
    for name in sorted(set(hub.options) - HUB_OPTIONS):
        yield checks.Error(f"{hub.__name__}.options has no option {name!r}.", obj=hub, id="hubs.E007")
    try:
        actions = list(hub.actions())
    except TypeError as error:
        yield checks.Error(str(error), obj=hub, id="hubs.E005")
        return
    for action in actions:
        if action.permission_classes == ():
            yield checks.Error(
                f"The action {action.name} of {hub.__name__} declares an empty list of permission classes.",
                hint="Leave the argument out to have the hub's own, or name some.",
                obj=hub,
                id="hubs.E006",
            )


@checks.register("hubs")
def check_routes(**_: object) -> list[checks.CheckMessage]:
    """The routes of ASGI_APPLICATION, as the server would find them."""
    try:
        return route_errors(import_string(settings.ASGI_APPLICATION))
    except UnsafeRoutes as error:
        return error.messages


@checks.register("hubs")
def check_settings(**_: object) -> list[checks.CheckMessage]:
    """The HUBS setting itself."""
    found: list[checks.CheckMessage] = [
        checks.Error(f"HUBS has no setting {name!r}.", id="hubs.E010")
        for name in getattr(settings, "HUBS", {})
        if name not in DEFAULTS
    ]
    if not hubs_settings.ALLOWED_ORIGINS:
        found.append(
            checks.Error(
                "HUBS['ALLOWED_ORIGINS'] names no origin, so no browser may use the hubs.",
                hint='List scheme, host and port, such as "https://board.example.org".',
                id="hubs.E011",
            )
        )
    found += _unusable_settings()
    for name in ("verify", "renew", "end_session"):
        try:
            getattr(hubs_settings, name)  # resolving the path is the check
        except (ImportError, AttributeError) as error:
            found.append(checks.Error(f"HUBS['{name.upper()}'] cannot be imported: {error}", id="hubs.E012"))
    return found


def _unusable_settings() -> Iterator[checks.CheckMessage]:
    if hubs_settings.QUERY_TOKEN not in {"jwt", "both", "ticket"}:
        yield checks.Error("HUBS['QUERY_TOKEN'] is one of jwt, both and ticket.", id="hubs.E017")
    limits = hubs_settings.RATE_LIMITS
    for rate in (limits.get("connection"), limits.get("user"), *limits.get("actions", {}).values()):
        try:
            if rate is not None:
                parsed(rate)
        except ValueError as error:
            yield checks.Error(f"HUBS['RATE_LIMITS']: {error}", id="hubs.E015")
    for named in hubs_settings.FILTERS:
        try:
            import_string(named)
        except ImportError as error:
            yield checks.Error(f"HUBS['FILTERS'] cannot be imported: {error}", id="hubs.E016")


@checks.register("hubs")
def check_channel_layer(**_: object) -> Iterable[checks.CheckMessage]:
    """The channel layer: one that workers share, with time-outs that leave idle receivers alone."""
    config = channel_layers.configs.get("default")
    if config is None:
        return [checks.Error("CHANNEL_LAYERS has no 'default'.", id="hubs.E013")]
    hosts = config.get("CONFIG", {}).get("hosts", [])
    return [error for host in hosts for error in _errors_of_redis_host(host)]


def _errors_of_redis_host(host: Any) -> Iterator[checks.CheckMessage]:
    try:
        timeout = _read_timeout(host)
    except ValueError:
        # Neither the URL nor redis-py's own text, which may quote a part of the password.
        yield checks.Error("A Redis host of CHANNEL_LAYERS has a URL that redis-py refuses.", id="hubs.E018")
        return
    if timeout is not None and timeout <= MINIMUM_REDIS_TIMEOUT:
        yield checks.Error(
            f"A Redis host of CHANNEL_LAYERS has socket_timeout {timeout!r}: idle receivers would be cut.",
            hint="Set more than 5 seconds, or use hubs.conf.redis_channel_layer().",
            id="hubs.E014",
        )


def _read_timeout(host: Any) -> float | None:
    """What counts for a host in any form that channels_redis takes: an option in the URL wins."""
    options = host if isinstance(host, dict) else {"address": host} if isinstance(host, str) else {}
    in_url: Any = {}
    if "address" in options:
        from redis.asyncio.connection import parse_url  # not at the top: other layers need no redis-py

        in_url = parse_url(options["address"])
    # Without the option it is redis-py's default, which is 5 since its version 8.
    timeout: float | None = {"socket_timeout": 5, **options, **in_url}["socket_timeout"]
    return timeout


@checks.register("hubs", deploy=True)
def check_deployment(**_: object) -> Iterable[checks.CheckMessage]:
    """What is fine at a desk and not in production."""
    backend = channel_layers.configs.get("default", {}).get("BACKEND", "")
    if backend.endswith("InMemoryChannelLayer"):
        yield checks.Warning("The in-memory channel layer does not reach a second worker.", id="hubs.W001")
    if "*" in (hubs_settings.ALLOWED_ORIGINS or []):
        yield checks.Warning("HUBS['ALLOWED_ORIGINS'] allows every origin.", id="hubs.W002")
    if hubs_settings.DETAILED_ERRORS:
        yield checks.Warning("HUBS['DETAILED_ERRORS'] tells clients what went wrong inside.", id="hubs.W003")
    if hubs_settings.QUERY_TOKEN != "ticket":
        yield checks.Warning(
            "HUBS['QUERY_TOKEN'] lets bearer tokens stand in URLs, which proxies write into their logs.",
            hint='Set it to "ticket" once every client negotiates.',
            id="hubs.W004",
        )
