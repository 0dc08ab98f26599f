"""What every HTTP request passes, so that a worker that goes down finishes it and is not asked again."""

from collections.abc import Iterable
from typing import Any

from hubs.auth import App, Receive, Scope, Send
from hubs.worker import current_worker

CLOSE = (b"connection", b"close")


class Graceful:
    """Counts the requests under way, and has proxies give up their connections to a worker that drains."""

    def __init__(self, inner: App) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        worker = current_worker()
        worker.requests += 1
        try:
            await self.inner(scope, receive, _last(send) if worker.is_draining else send)
        finally:
            worker.requests -= 1


def _last(send: Send) -> Send:
    """The answer is the last one on its connection."""

    async def closing_send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers: Iterable[tuple[bytes, bytes]] = message.get("headers", ())
            message = {**message, "headers": [*headers, CLOSE]}
        await send(message)

    return closing_send
