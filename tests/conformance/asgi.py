"""The recorded hubs and the ordinary page as one ASGI application."""

import os
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.conformance.settings")
django_application = get_asgi_application()  # loads the apps, so it comes before the imports that need them

import hubs  # noqa: E402
from hubs.auth import OriginMiddleware, QueryStringTokenMiddleware  # noqa: E402
from hubs.endpoint import hub_path, not_found  # noqa: E402
from hubs.permissions import AllowAny  # noqa: E402
from tests.conformance.hubs.clinical import ClinicalDashboardHub  # noqa: E402
from tests.conformance.hubs.echo import EchoHub  # noqa: E402
from tests.conformance.permissions import ClinicalStaff  # noqa: E402


def app_path(route: str, app: Any) -> Any:
    """Django's `re_path()` for an ASGI application; the stubs know views only."""
    return re_path(route, app)


hub_applications: list[Any] = [
    hub_path("hubs/echo", EchoHub.as_asgi(permission_classes=[AllowAny])),
    hub_path("hubs/clinical", ClinicalDashboardHub.as_asgi(permission_classes=[ClinicalStaff])),
    app_path("", not_found),
]
authenticated: Any = AuthMiddlewareStack(URLRouter(hub_applications))
hub_routes = OriginMiddleware(QueryStringTokenMiddleware(authenticated))

application = hubs.checked(
    ProtocolTypeRouter(
        {
            "websocket": hub_routes,
            # Without consuming the path: the inner routes carry it whole.
            "http": URLRouter([app_path(r"^(?=hubs/)", hub_routes), app_path("", django_application)]),
        }
    )
)
