"""The answers of a hub's HTTP face, also to an upgrade, and the refusals among them."""

import logging
from typing import Any

from hubs import metrics, refused
from hubs.connection_tokens import shown
from hubs.log_filters import shown_path
from hubs.scopes import STATE, Principal, Scope, Send, address_of, origin_of

logger = logging.getLogger("hubs")


async def refuse(scope: Scope, send: Send, status: int, reason: str, text: str = "") -> None:
    """Answers the request with the status and `text` (SignalR's clients show it), and logs one warning.

    Daphne cannot refuse an upgrade with anything but an empty 403: it lacks the response extension.
    """
    connection, who, path = shown(scope[STATE].connection_id), _who(scope), shown_path(scope["path"])
    logger.warning(
        "refused",
        extra={"reason": reason, "status": status, "hub": path, "connection": connection, **who},
    )
    metrics.refused(reason)
    refused.add(reason=reason, status=status, path=path, connection=connection, who=who)
    await respond(scope, send, status, text)


async def respond(
    scope: Scope, send: Send, status: int, body: str | bytes = "", *, content_type: bytes | None = None
) -> None:
    """A whole HTTP answer, also to an upgrade where the server can send one."""
    kind = content_type or (b"text/plain" if isinstance(body, str) else b"application/octet-stream")
    body = body.encode() if isinstance(body, str) else body
    headers = [
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-cache, no-store"),
        (b"content-type", kind),
    ]
    prefix = "http.response"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            await send({"type": "websocket.close"})
            return
        prefix = "websocket.http.response"
    try:
        await send({"type": f"{prefix}.start", "status": status, "headers": headers})
        await send({"type": f"{prefix}.body", "body": body})
    except Exception as error:  # noqa: BLE001 - uvicorn has answered itself, at garbage behind the request
        logger.info("answer not taken", extra={"reason": type(error).__name__, **address_of(scope)})


def _who(scope: Scope) -> dict[str, Any]:
    principal: Principal | None = scope[STATE].principal
    return {
        "user": principal.user_id if principal else None,
        "role": getattr(principal.user, "role", None) if principal else None,
        "origin": origin_of(scope["headers"]),
        **address_of(scope),
    }
