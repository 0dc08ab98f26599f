"""Gives every HTTP request an id that stands on its answer and in all that is logged because of it."""

import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

HEADER = b"x-request-id"
SANE = re.compile(rb"[A-Za-z0-9_-]{8,64}")


class RequestIdMiddleware:
    """Takes the id of the proxy in front, or of the client, where it is harmless; makes one otherwise."""

    def __init__(self, inner: Any) -> None:
        self.inner: App = inner

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        request_id = _presented(scope) or secrets.token_hex(8).encode()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (HEADER, request_id)]}
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id.decode()):
            await self.inner(scope, receive, answer)


def _presented(scope: Message) -> bytes | None:
    found = [value for name, value in scope["headers"] if name == HEADER]
    return found[0] if len(found) == 1 and SANE.fullmatch(found[0]) else None
