"""The recorded hubs, the contract's hubs and the pages as one ASGI application."""

import os
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.conformance.settings")
django_application: Any = (
    get_asgi_application()
)  # loads the apps, so it comes before the imports that need them

import hubs  # noqa: E402
from hubs.auth import OriginMiddleware, QueryStringTokenMiddleware  # noqa: E402
from hubs.endpoint import asgi_path, hub_path, not_found  # noqa: E402
from hubs.protocol.negotiation import LONG_POLLING, SERVER_SENT_EVENTS  # noqa: E402
from tests.conformance.front import Front, for_every_origin  # noqa: E402
from tests.conformance.hubs.clinical import ClinicalDashboardHub  # noqa: E402
from tests.conformance.hubs.echo import EchoHub  # noqa: E402
from tests.conformance.hubs.extra import ExtraHub  # noqa: E402
from tests.conformance.hubs.functional import HubWithAuthorization, TestHub, UncreatableHub  # noqa: E402
from tests.conformance.hubs.general import GeneralHub, ImpatientHub  # noqa: E402
from tests.conformance.hubs.raw_echo import RawEcho  # noqa: E402
from tests.conformance.hubs.secure import AdminHub, SecureHub  # noqa: E402

HUBS: dict[str, Any] = {
    "hubs/echo": EchoHub.as_asgi(),
    "hubs/clinical": ClinicalDashboardHub.as_asgi(),
    "echo": RawEcho.as_asgi(),
    "testhub": TestHub.as_asgi(),
    "testhub-nowebsockets": TestHub.as_asgi(transports=[SERVER_SENT_EVENTS, LONG_POLLING]),
    "uncreatable": UncreatableHub.as_asgi(),
    "authorizedhub": HubWithAuthorization.as_asgi(),
    "extrahub": ExtraHub.as_asgi(),
    "securehub": SecureHub.as_asgi(),
    "adminhub": AdminHub.as_asgi(),
    "impatienthub": ImpatientHub.as_asgi(),
    "hub": GeneralHub.as_asgi(),
}
hub_applications = [hub_path(route, hub) for route, hub in HUBS.items()]
authenticated: Any = AuthMiddlewareStack(URLRouter([*hub_applications, asgi_path("", not_found)]))
hub_routes = OriginMiddleware(QueryStringTokenMiddleware(authenticated))
# Without consuming the path: the inner routes carry it whole.
AT_A_HUB = rf"^(?=(?:{'|'.join(HUBS)})(?:/|$))"

application = Front(
    hubs.checked(
        ProtocolTypeRouter(
            {
                "websocket": hub_routes,
                "http": URLRouter(
                    [asgi_path(AT_A_HUB, hub_routes), asgi_path("", for_every_origin(django_application))]
                ),
            }
        )
    )
)
