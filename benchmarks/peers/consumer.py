"""What a Channels project writes by hand: a consumer that joins a group and sends what the group is sent."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")

from django.core.asgi import get_asgi_application

get_asgi_application()

import json
import secrets
from typing import Any, cast
from urllib.parse import parse_qs

import jwt
from channels.auth import AuthMiddlewareStack
from channels.generic.http import AsyncHttpConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import path
from django.utils import timezone

from hubs.models import Connection

WORKER = "by-hand"


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


class NegotiateConsumer(AsyncHttpConsumer):
    """Answers a signed-in user with an id, as SignalR's negotiate does."""

    async def handle(self, body: bytes) -> None:
        header = dict(self.scope["headers"]).get(b"authorization", b"").decode()
        await user_of(header.removeprefix("Bearer "))
        answer = json.dumps({"connectionId": secrets.token_urlsafe(16)}).encode()
        await self.send_response(200, answer, headers=[(b"Content-Type", b"application/json")])


class SignedInConsumer(FanoutConsumer):
    """Token, user, one row; then a group when the client asks for it."""

    channel_layer_alias = "pubsub"

    async def connect(self) -> None:
        query = parse_qs(self.scope["query_string"].decode())
        self.user = await user_of(query["access_token"][0])
        await Connection.objects.acreate(
            id=query["id"][0],
            worker_id=WORKER,
            hub="by hand",
            user=str(self.user.pk),
            transport="WebSockets",
            opened_at=timezone.now(),
        )
        await self.accept()

    async def receive_json(self, content: dict[str, Any], **kwargs: Any) -> None:
        self.group = content["join"]
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.send_json({"joined": self.group})


async def user_of(token: str) -> Any:
    """The active user of a valid token; an exception otherwise."""
    claims = jwt.decode(
        token, settings.JWT_SIGNING_KEY, algorithms=["HS256"], audience="wardline", issuer="wardline"
    )
    return await get_user_model().objects.aget(pk=claims["sub"], is_active=True)


_routes: list[Any] = [  # the stubs know Django's routes only, and these lead to ASGI applications
    path("core", cast(Any, CoreLayerConsumer.as_asgi())),
    path("pubsub", cast(Any, PubSubLayerConsumer.as_asgi())),
    path("signed-in", cast(Any, SignedInConsumer.as_asgi())),
]
_pages: list[Any] = [path("negotiate", cast(Any, NegotiateConsumer.as_asgi()))]
application = ProtocolTypeRouter(
    {"websocket": AuthMiddlewareStack(URLRouter(_routes)), "http": URLRouter(_pages)}
)
