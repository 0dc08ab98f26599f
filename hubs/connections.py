"""The requests that open, feed and end connections, one function a kind of request."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar

from hubs import directory, errors, forwarding, rights
from hubs.auth import Receive
from hubs.claims import Request, claim
from hubs.connection import Connection
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

T = TypeVar("T")

MAXIMUM_FORWARDED_BODY = 1_048_576  # bytes of a post that goes to another worker


async def open_websocket(request: Request) -> None:
    worker = current_worker()
    existing = worker.registry.transport_of(request.connection_id)
    if isinstance(existing, StatefulTransport) and existing.may_resume:
        await _resume(request, worker, existing)
        return
    if await claim(request, worker, WEB_SOCKETS) is None:
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
        await rights.take_over(connection, request.state)
        if not connection.is_open:
            await request.unknown()
            return
    if await socket.accept():
        await transport.carry(socket)


async def open_event_stream(request: Request) -> None:
    worker = current_worker()
    inbox = await claim(request, worker, SERVER_SENT_EVENTS)
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
        inbox = await claim(request, worker, LONG_POLLING)
        if inbox is None:
            return
        transport = LongPollingTransport(inbox)
        await _start_beside(request, transport, worker)
    if not isinstance(transport, LongPollingTransport):
        await request.answer(400, errors.CHANGED_TRANSPORT)
        return
    if transport.was_deleted:
        await request.unknown()
        return
    if (connection := worker.registry.get(request.connection_id)) is not None:
        # Each poll is authenticated anew, and the newest one speaks for the connection.
        await rights.take_over(connection, request.state)
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
    if inbox is None and transport is None and not worker.registry.is_used(request.connection_id):
        inbox = await _inbox_or_forwarded(request, worker)
        if inbox is None:
            return
    if inbox is None:
        await request.unknown()
        return
    await inbox.fill(request.receive)
    carrier = worker.registry.transport_of(request.connection_id)
    if inbox.has_ended and getattr(carrier, "inbox", None) is not inbox:
        await request.unknown()  # nobody will read what was posted
        return
    await request.answer(200)


async def delete(request: Request) -> None:
    worker = current_worker()
    transport = worker.registry.transport_of(request.connection_id)
    if isinstance(transport, LongPollingTransport) and transport.was_deleted:
        await request.unknown()
    elif isinstance(transport, LongPollingTransport):
        transport.end()
        await request.answer(202)
    elif transport is not None:
        await request.answer(400, errors.DELETE_REFUSED)
    else:
        found = await run(directory.find, request.connection_id)
        await _forwarded(request, worker, found)


async def _inbox_or_forwarded(request: Request, worker: Worker) -> Inbox | None:
    """The inbox of an id that this post is the first to use; None once something else was answered."""
    connection_id, name = request.connection_id, worker.backplane.name
    try:
        if request.is_fresh and (inbox := await _new_inbox(request, worker)) is not None:
            return inbox
    except directory.TooManyConnections as error:
        await request.too_many(str(error))
        return None
    found = await run(directory.find, connection_id)
    if found is None or found.has_ended or found.worker != name:
        await _forwarded(request, worker, found)
        return None
    if isinstance(await forwarding.arriving(worker, connection_id), WebSocketTransport):
        await request.answer(405, errors.POST_TO_WEBSOCKET)
        return None
    if (inbox_of_transport := forwarding.inbox_for_post(worker, connection_id)) is None:
        await request.unknown()
    return inbox_of_transport


async def _new_inbox(request: Request, worker: Worker) -> Inbox | None:
    """None for an id that somebody has used before. Raises TooManyConnections."""
    if worker.is_full:
        raise directory.TooManyConnections("worker")
    registry, connection_id = worker.registry, request.connection_id
    name, channel = worker.backplane.name, worker.backplane.channel or ""
    # Before the row: whoever opens the id behind us takes its inbox from the registry.
    inbox = registry.new_inbox(connection_id)
    is_ours = False
    try:
        is_ours = await run(directory.claim, request.entry(""), name, channel)
    finally:
        if not is_ours and registry.waiting_inbox(connection_id) is inbox:
            registry.pop_inbox(connection_id)
            inbox.end(client_left=False)  # another post may have come, and would wait for room for ever
    return inbox if is_ours else None


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
            break
    return body if len(body) <= MAXIMUM_FORWARDED_BODY else None


@asynccontextmanager
async def _carried(request: Request, transport: Transport, worker: Worker) -> AsyncIterator[None]:
    """Holds the id for one connection on this worker; afterwards it is used up, here and in its row."""
    with worker.registry.carried_by(request.connection_id, transport):
        try:
            yield
        finally:
            if (inbox := getattr(transport, "inbox", None)) is not None:
                inbox.end(client_left=False)  # a post that waits for room would wait for ever
            await worker.endings.mark(request.connection_id)


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
        hub=request.hub,
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
