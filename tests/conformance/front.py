"""What the contract asks of every HTTP answer: cookies of negotiations, CORS for all origins, OPTIONS."""

import time
from email.utils import formatdate

from hubs import cors
from hubs.auth import App, Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]

HOUR = 3600
ECHOED = {
    b"access-control-request-method": b"access-control-allow-methods",
    b"access-control-request-headers": b"access-control-allow-headers",
}


class Front:
    """Outermost: answers OPTIONS, and sets the cookies of a negotiation whatever becomes of it.

    Everything else passes as it is: hubs wants the server's own `send`, and sees to its CORS itself.
    """

    def __init__(self, inner: App) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "OPTIONS":
            await for_every_origin(_no_content)(scope, receive, send)
            return
        if scope["type"] == "http" and "/negotiate" in scope["path"]:
            send = _adding(_cookies(), send)
        await self.inner(scope, receive, send)


def for_every_origin(app: App) -> App:
    """The application, with answers that pages of every origin may read."""

    async def shared_app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        echoed = [(ECHOED[name], value) for name, value in headers.items() if name in ECHOED]
        if b"origin" in headers:
            send = cors.allowing(headers[b"origin"], _adding(echoed, send))
        await app(scope, receive, send)

    return shared_app


def _adding(headers: Headers, send: Send) -> Send:
    async def send_with_headers(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *headers]}  # type: ignore[misc]
        await send(message)

    return send_with_headers


def _cookies() -> Headers:
    expired = formatdate(time.time() - HOUR, usegmt=True)
    cookies = (
        "testCookie=testValue; path=/",
        "testCookie2=testValue2; path=/",
        f"expiredCookie=doesntmatter; expires={expired}; path=/",
    )
    return [(b"set-cookie", cookie.encode()) for cookie in cookies]


async def _no_content(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})
