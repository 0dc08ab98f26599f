"""A whole ASGI application around some hubs, with the middlewares as a project has them, and HTTP to it."""

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from httpx import ASGITransport, AsyncClient

from hubs.auth import OriginMiddleware, QueryStringTokenMiddleware
from hubs.endpoint import asgi_path, hub_path, not_found


def routes(**hubs) -> URLRouter:
    """`routes(desk=Desk)` serves the hub at /hubs/desk; an application stands for a hub as well."""
    paths = [hub_path(f"hubs/{name}", _application(hub)) for name, hub in hubs.items()]
    return URLRouter([*paths, asgi_path("", not_found)])


def site(**hubs) -> ProtocolTypeRouter:
    stack = OriginMiddleware(QueryStringTokenMiddleware(AuthMiddlewareStack(routes(**hubs))))
    return ProtocolTypeRouter({"websocket": stack, "http": stack})


def http(application) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(application), base_url="https://board.example")


def _application(hub):
    return hub.as_asgi() if isinstance(hub, type) else hub
