"""Ours: a hub whose clients join a group or follow a feed."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")

from django.core.asgi import get_asgi_application

get_asgi_application()

import msgspec
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter

import hubs
from hubs.actions import action
from hubs.auth import OriginMiddleware, QueryStringTokenMiddleware
from hubs.endpoint import hub_path
from hubs.hub import Hub
from hubs.permissions import AllowAny


class ObservationRecorded(msgspec.Struct, rename="camel"):
    """The event of the feeds."""

    patient_id: str
    recorded_by: str
    measured_at: str
    respiration: int
    spo2: int
    pulse: int
    number: int
    mark: str
    consciousness: str


class FanoutHub(Hub):
    """Joins and follows, nothing else."""

    permission_classes = [AllowAny]

    @action
    async def join(self, group: str) -> None:
        await self.groups.add(group)

    @action
    async def follow(self, feed: str) -> int:
        return await self.feeds.subscribe(feed, lambda position: position.seq)


_routes = OriginMiddleware(
    QueryStringTokenMiddleware(AuthMiddlewareStack(URLRouter([hub_path("hubs/fanout", FanoutHub.as_asgi())])))
)
application = hubs.checked(ProtocolTypeRouter({"websocket": _routes, "http": _routes}))
