"""The floor of a fan-out: a bare ASGI loop that sends what comes in at one socket to all of a group."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PUBLISH = "/publish"

_groups: dict[str, set[Send]] = defaultdict(set)


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """No layer, no framework, no checks: one send a message and socket."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    if scope["path"] == PUBLISH:
        await _publish(receive)
        return
    group = parse_qs(scope["query_string"].decode())["group"][0]
    _groups[group].add(send)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    _groups[group].discard(send)


async def _publish(receive: Receive) -> None:
    while (message := await receive())["type"] == "websocket.receive":
        group, _, text = message["text"].partition(" ")
        for send in _groups[group]:
            await send({"type": "websocket.send", "text": text})
