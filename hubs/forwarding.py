"""Polls, posts and DELETEs of connections that another worker carries: handed over through the backplane."""

import asyncio
import time
from typing import TYPE_CHECKING, Any

import msgspec

from hubs import errors, rights
from hubs.auth import Principal
from hubs.conf import hubs_settings
from hubs.directory import Found
from hubs.protocol.negotiation import LONG_POLLING, WEB_SOCKETS
from hubs.transports import Transport
from hubs.transports.inbox import Inbox
from hubs.transports.long_polling import LongPollingTransport

if TYPE_CHECKING:
    from hubs.worker import Worker

ARRIVES_WITHIN = 2.0  # seconds

Answer = tuple[int, str | bytes]

OWNER_DEADLINE = 5.0  # seconds for what the owner answers by itself, once it has said so
# Seconds from the check of a token at one worker to its arrival at another, at most: their clocks differ.
FORWARDED_WITHIN = 30.0
POST_DEADLINE = 30.0  # seconds that the owner's connection has to make room for a post


def refusal(method: str, transport: str) -> Answer | None:
    """What a request is told whose method the connection's transport has no use for."""
    if method == "POST":
        return (405, errors.POST_TO_WEBSOCKET) if transport == WEB_SOCKETS else None
    if method == "REFRESH":
        return None
    if method == "DELETE":
        return None if transport == LONG_POLLING else (400, errors.DELETE_REFUSED)
    return None if transport == LONG_POLLING else (400, errors.CHANGED_TRANSPORT)


async def forward(
    worker: "Worker", found: Found, method: str, connection_id: str, principal: Principal | None, body: bytes
) -> Answer:
    """The owner's answer to a request that has reached this worker."""
    if refused := refusal(method, found.transport or LONG_POLLING):
        return refused
    claims = dict(principal.claims) if principal else {}
    request = {
        "type": "hubs.forward",
        "id": connection_id,
        "method": method,
        "body": body,
        "user": principal.user_id if principal else None,
        "claims": msgspec.json.encode(claims),
        "expires_at": principal.expires_at if principal else 0.0,
    }
    try:
        answer = await worker.backplane.request_from(found.channel, request, within=_deadline(method))
    except ConnectionError:
        return 404, errors.NO_SUCH_CONNECTION
    return answer["status"], answer["body"]


def _deadline(method: str) -> float:
    """An answer may get lost with its owner or with what the layer held, and nobody would say so."""
    if method == "GET":
        return OWNER_DEADLINE + float(hubs_settings.POLL_TIMEOUT)
    return POST_DEADLINE if method == "POST" else OWNER_DEADLINE


async def serve(worker: "Worker", message: dict[str, Any]) -> dict[str, Any]:
    """Answers what another worker has forwarded."""
    status, body = await _serve(worker, message)
    return {"status": status, "body": body}


async def _serve(worker: "Worker", message: dict[str, Any]) -> Answer:
    connection_id, method = message["id"], message["method"]
    transport = worker.registry.transport_of(connection_id)
    if method == "POST" and transport is None and worker.registry.waiting_inbox(connection_id) is None:
        transport = await arriving(worker, connection_id)
    if method == "REFRESH":
        return await _refreshed(worker, message)
    inbox = inbox_for_post(worker, connection_id)
    if method == "POST" and inbox is not None:
        await inbox.add(message["body"])
        return 200, ""
    if not isinstance(transport, LongPollingTransport) or transport.was_deleted:
        return 404, errors.NO_SUCH_CONNECTION
    if method == "DELETE":
        transport.end()
        return 202, ""
    connection = worker.registry.get(connection_id)
    if connection is not None and connection.principal is not None:
        claims = msgspec.json.decode(message["claims"])
        principal = Principal(connection.principal.user, claims, message["expires_at"])
        verified_at = time.monotonic() - FORWARDED_WITHIN
        await rights.take_over_principal(connection, principal, verified_at=verified_at)
    answer = await transport.poll()
    return answer.status, answer.data


async def _refreshed(worker: "Worker", message: dict[str, Any]) -> Answer:
    connection = worker.registry.get(message["id"])
    if connection is None or connection.principal is None:
        return 404, ""
    claims = msgspec.json.decode(message["claims"])
    # Its user is read afresh, where HUBS["RENEW"] says how.
    principal = Principal(connection.principal.user, claims, message["expires_at"])
    return (200 if await rights.refresh(connection, message["user"], principal) else 403), ""


async def take_inbox(worker: "Worker", found: Found, connection_id: str) -> list[bytes]:
    """What was posted to an id at its former worker, which forgets it."""
    request = {"type": "hubs.take_inbox", "id": connection_id}
    try:
        answer = await worker.backplane.request_from(found.channel, request, within=OWNER_DEADLINE)
    except ConnectionError:
        return []
    return list(answer["chunks"])


async def give_inbox(worker: "Worker", message: dict[str, Any]) -> dict[str, Any]:
    inbox = worker.registry.pop_inbox(message["id"])
    if inbox is None:
        return {"chunks": []}
    chunks = inbox.chunks()
    inbox.end(client_left=False)  # nobody reads it here any more
    return {"chunks": chunks}


async def arriving(worker: "Worker", connection_id: str) -> Transport | None:
    """The transport of an id whose row is this worker's: another request may be opening it at this moment."""
    try:
        async with asyncio.timeout(ARRIVES_WITHIN):
            while (transport := worker.registry.transport_of(connection_id)) is None:  # noqa: ASYNC110 - rare
                await asyncio.sleep(0.01)
            return transport
    except TimeoutError:
        return None


def inbox_for_post(worker: "Worker", connection_id: str) -> Inbox | None:
    """Where a post to this worker's connection goes: to its transport, or to wait for one."""
    transport = worker.registry.transport_of(connection_id)
    if transport is None:
        return worker.registry.waiting_inbox(connection_id)
    if isinstance(transport, LongPollingTransport) and transport.was_deleted:
        return None
    inbox: Inbox | None = getattr(transport, "inbox", None)
    return inbox
