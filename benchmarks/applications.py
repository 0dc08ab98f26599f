"""What is measured: a hub, and a bare ASGI loop that answers the same messages by hand, the floor."""

import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")

from django.core.asgi import get_asgi_application

get_asgi_application()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter

import hubs
from hubs.actions import action
from hubs.auth import InvalidToken, OriginMiddleware, Principal, QueryStringTokenMiddleware
from hubs.endpoint import hub_path
from hubs.hub import Hub
from hubs.permissions import AllowAny, BasePermission, PermissionRequest

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def verify(token: str) -> Principal:
    raise InvalidToken("the benchmarks are anonymous")


class IsAnybody(BasePermission):
    """A rule that is asked and grants."""

    def has_permission(self, request: PermissionRequest) -> bool:
        return not request.is_authenticated


class BenchmarkHub(Hub):
    """One action with typed arguments and a permission of its own."""

    permission_classes = [AllowAny]

    @action(permission_classes=[IsAnybody])
    async def echo(self, number: int, text: str) -> str:
        return text


routes = OriginMiddleware(
    QueryStringTokenMiddleware(AuthMiddlewareStack(URLRouter([hub_path("hub", BenchmarkHub.as_asgi())])))
)
hub = hubs.checked(ProtocolTypeRouter({"websocket": routes, "http": routes}))


async def floor(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Decodes each message and sends one answer; no framework, no checks."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        for body in message["text"].split("\x1e")[:-1]:
            await send({"type": "websocket.send", "text": _answer(json.loads(body))})


def _answer(message: dict[str, Any]) -> str:
    if "protocol" in message:
        return "{}\x1e"
    answer = {"type": 3, "invocationId": message["invocationId"], "result": message["arguments"][1]}
    return json.dumps(answer) + "\x1e"
