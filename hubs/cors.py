"""CORS for the hub paths, from the same list of origins that decides who may come in at all."""

from collections.abc import Awaitable, Callable
from typing import Any

Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

METHODS = b"GET, POST, DELETE, OPTIONS"
# What the stock client sends; a browser asks for these by name.
REQUEST_HEADERS = b"authorization, content-type, x-requested-with, x-signalr-user-agent"
PREFLIGHT_AGE = b"600"


def allowing(origin: bytes, send: Send) -> Send:
    """`send`, which tells the browser that pages of this origin may read the answer.

    The exact origin and never `*`: the stock client fetches with credentials, which `*` forbids.
    """

    async def send_with_headers(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *_headers(origin)]}
        await send(message)

    return send_with_headers


def is_preflight(method: str, headers: Headers) -> bool:
    return method == "OPTIONS" and any(name == b"access-control-request-method" for name, _ in headers)


def preflight_headers(headers: Headers) -> Headers:
    """The answer to a preflight; headers beyond our own list are for applications to send."""
    asked = next((value for name, value in headers if name == b"access-control-request-headers"), b"")
    return [
        (b"access-control-allow-methods", METHODS),
        (b"access-control-allow-headers", asked if asked.isascii() and asked else REQUEST_HEADERS),
        (b"access-control-max-age", PREFLIGHT_AGE),
        (b"content-length", b"0"),
    ]


def _headers(origin: bytes) -> Headers:
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]
