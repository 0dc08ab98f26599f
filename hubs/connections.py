"""The requests that open, feed and end connections, one function a kind of request."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from hubs import directory, errors, forwarding
from hubs.audience import hub_name
from hubs.auth import Receive, RequestState, Scope, address_of, refuse, respond
from hubs.connection import Connection
from hubs.directory import Entry
from hubs.executor import run
from hubs.forwarding import Answer
from hubs.protocol.negotiation import LONG_POLLING, SERVER_SENT_EVENTS, WEB_SOCKETS
from hubs.transports import Transport
from hubs.transports.inbox import Inbox
from hubs.transports.long_polling import LongPollingTransport
from hubs.transports.server_sent_events import ServerSentEventsTransport, watching
from hubs.transports.stateful import StatefulTransport
from hubs.transports.websocket import WebSocketTransport
from hubs.worker import Worker, current_worker

if TYPE_CHECKING:
    from hubs.hub import Hub

T = TypeVar("T")

MAXIMUM_FORWARDED_BODY = 1_048_576  # bytes of a post that goes to another worker


@dataclass(frozen=True, slots=True)
class Request:
    """One request that names a connection, by the id in `state`."""

    hub: "Hub"
    scope: Scope
    receive: Receive
    state: RequestState
    # Whether its token may still open a connection; a live one is found whatever the token's age.
    is_fresh: bool
    # Whether stateful reconnect was negotiated with it.
    is_stateful: bool = False

    @property
    def connection_id(self) -> str:
        return self.state.connection_id

    def entry(self, transport: str) -> Entry:
        principal = self.state.principal
        return Entry(
            id=self.connection_id,
            hub=hub_name(type(self.hub)),
            user=principal.user_id if principal else None,
            transport=transport,
            address=address_of(self.scope)["address"] or "",
        )

    async def answer(self, status: int, body: str | bytes = "") -> None:
        await respond(self.scope, self.state.send, status, body)

    async def refuse(self, status: int, reason: str, text: str = "") -> None:
        await refuse(self.scope, self.state.send, status, reason, text)

    async def unknown(self) -> None:
        await self.refuse(404, "unknown connection id", errors.NO_SUCH_CONNECTION)


async def open_websocket(request: Request) -> None:
    worker = current_worker()
    existing = worker.registry.transport_of(request.connection_id)
    if isinstance(existing, StatefulTransport) and existing.may_resume:
        await _resume(request, worker, existing)
        return
    if await _claim(request, worker, WEB_SOCKETS) is None:
        return
    transport = WebSocketTransport(request.receive, request.state.send)
    if request.is_stateful:
        await _open_stateful(request, worker, transport)
        return

    async def go_on() -> None:
        async with _carried(request, transport, worker):
            if await transport.accept():
                await _live(request, transport, worker)

    request.state.then = go_on


async def _open_stateful(request: Request, worker: Worker, socket: WebSocketTransport) -> None:
    """The connection lives beside the requests of its sockets, as it does beside polls."""
    transport = StatefulTransport()
    await _start_beside(request, transport, worker)
    try:
        if await socket.accept():
            await transport.carry(socket)
    finally:
        if not transport.was_carried:
            transport.release()


async def _resume(request: Request, worker: Worker, transport: StatefulTransport) -> None:
    socket = WebSocketTransport(request.receive, request.state.send)
    if (connection := worker.registry.get(request.connection_id)) is not None:
        connection.renew(request.state)
    if await socket.accept():
        await transport.carry(socket)


async def open_event_stream(request: Request) -> None:
    worker = current_worker()
    inbox = await _claim(request, worker, SERVER_SENT_EVENTS)
    if inbox is None:
        return
    transport = ServerSentEventsTransport(
        inbox, request.receive, request.state.send, request.state.server_send
    )
    async with _carried(request, transport, worker):
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
        found = await run(directory.find, request.connection_id)
        if found is not None and found.transport == LONG_POLLING and found.worker != worker.backplane.name:
            await _forwarded(request, worker, found)
            return
        inbox = await _claim(request, worker, LONG_POLLING)
        if inbox is None:
            return
        transport = LongPollingTransport(inbox)
        await _start_beside(request, transport, worker)
    if not isinstance(transport, LongPollingTransport):
        await request.answer(400, errors.CHANGED_TRANSPORT)
        return
    if (connection := worker.registry.get(request.connection_id)) is not None:
        # Each poll is authenticated anew, and the newest one speaks for the connection.
        connection.renew(request.state)
    answer = await _unless_disconnected(transport.poll(), request.receive)
    if answer is not None:
        await request.answer(answer.status, answer.data)


async def post(request: Request) -> None:
    worker = current_worker()
    transport = worker.registry.transport_of(request.connection_id)
    if isinstance(transport, WebSocketTransport):
        await request.answer(405, errors.POST_TO_WEBSOCKET)
        return
    inbox = forwarding.inbox_for_post(worker, request.connection_id)
    if inbox is None and not worker.registry.is_used(request.connection_id):
        inbox = await _inbox_or_forwarded(request, worker)
        if inbox is None:
            return
    if inbox is None:
        await request.unknown()
        return
    await inbox.fill(request.receive)
    await request.answer(200)


async def delete(request: Request) -> None:
    worker = current_worker()
    transport = worker.registry.transport_of(request.connection_id)
    if isinstance(transport, LongPollingTransport):
        transport.end()
        await request.answer(202)
    elif transport is not None:
        await request.answer(400, errors.DELETE_REFUSED)
    else:
        found = await run(directory.find, request.connection_id)
        await _forwarded(request, worker, found)


async def _claim(request: Request, worker: Worker, transport: str) -> Inbox | None:
    """Takes the id for a transport on this worker; None after an answer, because it is not to be had.

    What was posted before comes along: here, or from the worker to which it was posted.
    """
    existing = worker.registry.transport_of(request.connection_id)
    if existing is not None:
        await _conflict(request, existing.name, transport)
        return None
    if not request.is_fresh or worker.registry.is_used(request.connection_id):
        await request.unknown()
        return None
    entry = request.entry(transport)
    if await run(directory.claim, entry, worker.backplane.name, worker.backplane.channel or ""):
        return worker.registry.pop_inbox(request.connection_id) or Inbox()
    found = await run(directory.find, request.connection_id)
    if found is None or found.has_ended:
        await request.unknown()
    elif request.is_stateful and found.worker != worker.backplane.name:
        await request.unknown()  # its state is on the other worker; the client starts afresh
    elif found.transport:
        await _conflict(request, found.transport, transport)
    elif await run(directory.take_over, entry, worker.backplane.name):
        return await _inbox_of(worker, found, request.connection_id)
    else:
        await request.refuse(409, "connection id in use")
    return None


async def _inbox_of(worker: Worker, found: directory.Found, connection_id: str) -> Inbox:
    if found.worker == worker.backplane.name:
        return worker.registry.pop_inbox(connection_id) or Inbox()
    inbox = Inbox()
    for chunk in await forwarding.take_inbox(worker, found, connection_id):
        await inbox.add(chunk)
    return inbox


async def _conflict(request: Request, existing: str, wanted: str) -> None:
    if existing == wanted:
        await request.refuse(409, "connection id in use")
    else:
        await request.refuse(400, "transport changed", errors.CHANGED_TRANSPORT)


async def _inbox_or_forwarded(request: Request, worker: Worker) -> Inbox | None:
    """The inbox of an id that this post is the first to use; None once another worker has answered."""
    entry = request.entry("")
    name, channel = worker.backplane.name, worker.backplane.channel or ""
    if request.is_fresh and await run(directory.claim, entry, name, channel):
        return worker.registry.new_inbox(request.connection_id)
    await _forwarded(request, worker, await run(directory.find, request.connection_id))
    return None


async def _forwarded(request: Request, worker: Worker, found: directory.Found | None) -> None:
    if found is None or found.has_ended or found.worker == worker.backplane.name:
        await request.unknown()
        return
    body = await _body(request) if request.scope["method"] == "POST" else b""
    if body is None:
        await request.refuse(413, "post too large")
        return
    work = forwarding.forward(
        worker, found, request.scope["method"], request.connection_id, request.state.principal, body
    )
    answer: Answer | None = await _unless_disconnected(work, request.receive)
    if answer is not None:
        await request.answer(*answer)


async def _body(request: Request) -> bytes | None:
    body = b""
    while len(body) <= MAXIMUM_FORWARDED_BODY:
        message = await request.receive()
        body = body + bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body
    return None


@asynccontextmanager
async def _carried(request: Request, transport: Transport, worker: Worker) -> AsyncIterator[None]:
    """Holds the id for one connection on this worker; afterwards it is used up, here and in its row."""
    with worker.registry.carried_by(request.connection_id, transport):
        try:
            yield
        finally:
            await worker.mark_ended(request.connection_id)


async def _start_beside(request: Request, transport: Transport, worker: Worker) -> None:
    """Starts the connection beside the requests that carry it; it is registered when this returns."""
    carried = asyncio.Event()

    async def run_beside() -> None:
        async with _carried(request, transport, worker):
            carried.set()
            await _live(request, transport, worker)
            if isinstance(transport, StatefulTransport):
                transport.release()

    worker.own(run_beside())
    await carried.wait()


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
    await request.hub.live()


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
