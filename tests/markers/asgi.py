"""The product's application, and beside its hub one that fails."""

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter

from config import asgi
from hubs.auth import OriginMiddleware, QueryStringTokenMiddleware
from hubs.endpoint import asgi_path, hub_path
from tests.markers.faults import FaultyHub

faults = OriginMiddleware(
    QueryStringTokenMiddleware(AuthMiddlewareStack(URLRouter([hub_path("hubs/faults", FaultyHub.as_asgi())])))
)
application = ProtocolTypeRouter(
    {
        kind: URLRouter([asgi_path("^(?=hubs/faults)", faults), asgi_path("", asgi.application)])
        for kind in ("http", "websocket")
    }
)
