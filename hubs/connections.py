"""The requests that open, feed and end connections, one function a kind of request."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from hubs import errors
from hubs.auth import Receive, RequestState, Scope, refuse, respond
from hubs.connection import Connection
from hubs.lifecycle import live
from hubs.registry import Registry
from hubs.transports import Transport
from hubs.transports.long_polling import LongPollingTransport
from hubs.transports.server_sent_events import ServerSentEventsTransport, watching
from hubs.transports.websocket import WebSocketTransport
from hubs.worker import Worker, current_worker

if TYPE_CHECKING:
    from hubs.hub import Hub

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """One request that names a connection, by the id in `state`."""

    hub: "Hub"
    scope: Scope
    receive: Receive
    state: RequestState
    # Whether its token may still open a connection; a live one is found whatever the token's age.
    is_fresh: bool

    @property
    def connection_id(self) -> str:
        return self.state.connection_id

    async def answer(self, status: int, text: str = "") -> None:
        await respond(self.scope, self.state.send, status, text)

    async def unknown(self) -> None:
        reason = "unknown connection id"
        await refuse(self.scope, self.state.send, 404, reason, errors.NO_SUCH_CONNECTION)


async def open_websocket(request: Request) -> None:
    worker = current_worker()
    if worker.registry.transport_of(request.connection_id) is not None:
        await refuse(request.scope, request.state.send, 409, "connection id in use")
        return
    if not _may_open(request, worker.registry):
        await request.unknown()
        return
    transport = WebSocketTransport(request.receive, request.state.send)
    with worker.registry.carried_by(request.connection_id, transport):
        if await transport.accept():
            await _live(request, transport, worker)


async def open_event_stream(request: Request) -> None:
    worker = current_worker()
    existing = worker.registry.transport_of(request.connection_id)
    if isinstance(existing, ServerSentEventsTransport):
        await refuse(request.scope, request.state.send, 409, "connection id in use")
        return
    if existing is not None:
        await request.answer(400, errors.CHANGED_TRANSPORT)
        return
    if not _may_open(request, worker.registry):
        await request.unknown()
        return
    inbox = worker.registry.inbox_of(request.connection_id)
    transport = ServerSentEventsTransport(inbox, request.receive, request.state.send)
    with worker.registry.carried_by(request.connection_id, transport):
        await transport.open()
        watch = watching(transport)
        try:
            await _live(request, transport, worker)
        finally:
            watch.cancel()
            await transport.close()


async def poll(request: Request) -> None:
    worker = current_worker()
    transport = worker.registry.transport_of(request.connection_id)
    if transport is None:
        if not _may_open(request, worker.registry):
            await request.unknown()
            return
        transport = _start_long_polling(request, worker)
    if not isinstance(transport, LongPollingTransport):
        await request.answer(400, errors.CHANGED_TRANSPORT)
        return
    if (connection := worker.registry.get(request.connection_id)) is not None:
        # Each poll is authenticated anew, and the newest one speaks for the connection.
        connection.renew(request.state.principal)
    answer = await _unless_disconnected(transport.poll(), request.receive)
    if answer is not None:
        await respond(request.scope, request.state.send, answer.status, answer.data)


def _start_long_polling(request: Request, worker: Worker) -> LongPollingTransport:
    transport = LongPollingTransport(worker.registry.inbox_of(request.connection_id))
    held = worker.registry.carried_by(request.connection_id, transport)
    held.__enter__()

    async def run() -> None:
        try:
            await _live(request, transport, worker)
        finally:
            held.__exit__(None, None, None)

    worker.own(run())
    return transport


async def post(request: Request) -> None:
    worker = current_worker()
    transport = worker.registry.transport_of(request.connection_id)
    if transport is None and not _may_open(request, worker.registry):
        await request.unknown()
    elif isinstance(transport, WebSocketTransport):
        await request.answer(405, errors.POST_TO_WEBSOCKET)
    else:
        inbox = getattr(transport, "inbox", None) or worker.registry.inbox_of(request.connection_id)
        await inbox.fill(request.receive)
        await request.answer(200)


async def delete(request: Request) -> None:
    transport = current_worker().registry.transport_of(request.connection_id)
    if transport is None:
        await request.unknown()
    elif isinstance(transport, LongPollingTransport):
        transport.end()
        await request.answer(202)
    else:
        await request.answer(400, errors.DELETE_REFUSED)


def _may_open(request: Request, registry: Registry) -> bool:
    return request.is_fresh and not registry.is_used(request.connection_id)


async def _live(request: Request, transport: Transport, worker: Worker) -> None:
    connection = Connection(
        connection_id=request.connection_id,
        hub=type(request.hub),
        request=request.state,
        scope=request.scope,
        transport=transport,
        worker=worker,
    )
    request.hub.attach(connection)
    await live(request.hub)


async def _unless_disconnected(work: Awaitable[T], receive: Receive) -> T | None:
    """The result, or None when the client has gone before; the work is cancelled then."""
    working = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        gone.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
