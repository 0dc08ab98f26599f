"""Joins everything: Django for HTTP, the hubs for their paths, and what every hub request passes first."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_asgi_application()  # loads the apps, so it comes before the imports that need them

import hubs  # noqa: E402
from accounts import api_permissions  # noqa: E402
from clinical.hubs import ClinicalDashboardHub  # noqa: E402
from clinical.permissions import IsClinicalStaff  # noqa: E402
from clinical.wall import IsWallDisplay, WallDisplayHub  # noqa: E402
from config.languages import LanguageMiddleware  # noqa: E402
from config.request_ids import RequestIdMiddleware  # noqa: E402
from hubs import health  # noqa: E402
from hubs.auth import OriginMiddleware, QueryStringTokenMiddleware  # noqa: E402
from hubs.endpoint import asgi_path, hub_path, not_found  # noqa: E402

hub_routes = OriginMiddleware(
    LanguageMiddleware(
        QueryStringTokenMiddleware(
            AuthMiddlewareStack(
                URLRouter(
                    [
                        hub_path(
                            "hubs/clinical",
                            ClinicalDashboardHub.as_asgi(permission_classes=[IsClinicalStaff]),
                        ),
                        hub_path("hubs/wall", WallDisplayHub.as_asgi(permission_classes=[IsWallDisplay])),
                        asgi_path("", not_found),
                    ]
                )
            )
        )
    )
)

api_permissions.require_declared()
application = hubs.checked(
    ProtocolTypeRouter(
        {
            "websocket": hub_routes,
            # Without consuming the path: the inner routes carry it whole.
            "http": URLRouter(
                [
                    *health.routes,
                    asgi_path("^(?=hubs/)", hub_routes),
                    asgi_path("", RequestIdMiddleware(django_application)),
                ]
            ),
        }
    )
)
