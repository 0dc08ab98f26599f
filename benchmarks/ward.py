"""The product as it is deployed, with one page more that says what a process cannot be asked from outside."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from django.core.asgi import get_asgi_application

get_asgi_application()

from benchmarks.stage import INSIDE
from clinical.events import WardSnapshot
from clinical.models import Ward
from clinical.services import board
from config.asgi import application as product
from hubs.feeds.subscriptions import Position
from hubs.responses import respond

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

snapshots: Counter[str] = Counter()
_build = board.snapshot


def _counted(ward: Ward, position: Position) -> WardSnapshot:
    snapshots[ward.pk] += 1
    return _build(ward, position)


board.snapshot = _counted


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    if scope["type"] != "http" or scope["path"] != INSIDE:
        await product(scope, receive, send)
        return
    inside = {"snapshots": snapshots, "tasks": len(asyncio.all_tasks())}
    await respond(scope, send, 200, json.dumps(inside), content_type=b"application/json")
