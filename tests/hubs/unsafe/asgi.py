"""The well-known fault: every connection would be whoever the session cookie says, or nobody."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.hubs.unsafe.settings")
django_application = get_asgi_application()

import hubs  # noqa: E402 - the apps are loaded first
from hubs.auth import OriginMiddleware, QueryStringTokenMiddleware  # noqa: E402
from hubs.endpoint import hub_path  # noqa: E402
from hubs.hub import Hub  # noqa: E402
from hubs.permissions import IsAuthenticated  # noqa: E402


class Ward(Hub):
    permission_classes = [IsAuthenticated]


routes = URLRouter([hub_path("hubs/ward", Ward.as_asgi())])
application = hubs.checked(
    ProtocolTypeRouter(
        {
            "websocket": AuthMiddlewareStack(OriginMiddleware(QueryStringTokenMiddleware(routes))),
            "http": django_application,
        }
    )
)
