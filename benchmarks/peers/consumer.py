"""What a Channels project writes by hand: a consumer that joins a group and sends what the group is sent."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")

from django.core.asgi import get_asgi_application

get_asgi_application()

from typing import Any, cast
from urllib.parse import parse_qs

from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path


class FanoutConsumer(AsyncJsonWebsocketConsumer):
    """As in Channels' tutorial."""

    async def connect(self) -> None:
        self.group = parse_qs(self.scope["query_string"].decode())["group"][0]
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def observation_recorded(self, message: dict[str, Any]) -> None:
        await self.send_json({"event": "ObservationRecorded", "payload": message["payload"]})


class CoreLayerConsumer(FanoutConsumer):
    """The same on channels_redis' core layer."""

    channel_layer_alias = "core"


class PubSubLayerConsumer(FanoutConsumer):
    """The same on its pub/sub layer."""

    channel_layer_alias = "pubsub"


_routes: list[Any] = [  # the stubs know Django's routes only, and these lead to ASGI applications
    path("core", cast(Any, CoreLayerConsumer.as_asgi())),
    path("pubsub", cast(Any, PubSubLayerConsumer.as_asgi())),
]
application = ProtocolTypeRouter({"websocket": AuthMiddlewareStack(URLRouter(_routes))})
