"""Takes a connection id for a worker: once over all workers, or the refusal with SignalR's status."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubs import directory, errors, forwarding
from hubs.audience import hub_name
from hubs.directory import Entry
from hubs.executor import run
from hubs.responses import refuse, respond
from hubs.scopes import Receive, RequestState, Scope, address_of, origin_of, session_of
from hubs.transports.inbox import Inbox
from hubs.worker import Worker

if TYPE_CHECKING:
    from hubs.hub import Hub


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
            origin=origin_of(self.state.headers) or "",
            session=session_of(principal),
        )

    async def answer(self, status: int, body: str | bytes = "") -> None:
        if status >= 400 and isinstance(body, str):
            await self.refuse(status, body or "not served", body)
        else:
            await respond(self.scope, self.state.send, status, body)

    async def refuse(self, status: int, reason: str, text: str = "") -> None:
        await refuse(self.scope, self.state.send, status, reason, text)

    async def unknown(self) -> None:
        await self.refuse(404, "unknown connection id", errors.NO_SUCH_CONNECTION)

    async def too_many(self, whose: str) -> None:
        """429 for a user or an address, 503 where it is this worker that has enough."""
        status = 503 if whose == "worker" else 429
        await self.refuse(status, f"too many connections: {whose}", errors.TOO_MANY_CONNECTIONS)


async def claim(request: Request, worker: Worker, transport: str) -> Inbox | None:
    """Takes the id for a transport on this worker; None after an answer, because it is not to be had.

    What was posted before comes along: here, or from the worker to which it was posted.
    """
    if not request.state.may_open:
        await request.refuse(401, "ticket too old")
        return None
    if await _is_ticket_used(request):
        await request.refuse(401, "ticket used")
        return None
    existing = worker.registry.transport_of(request.connection_id)
    if existing is not None:
        await _conflict(request, existing.name, transport)
        return None
    if not request.is_fresh or worker.registry.is_used(request.connection_id):
        await request.unknown()
        return None
    if worker.is_full and worker.registry.waiting_inbox(request.connection_id) is None:
        await request.too_many("worker")
        return None
    taking = asyncio.ensure_future(_taken(request, worker, transport))
    taking.add_done_callback(worker.arriving.discard)
    worker.arriving.add(taking)
    try:
        return await asyncio.shield(taking)
    except asyncio.CancelledError:
        # The thread goes on without its request, and its row would say for ever that somebody is connected.
        worker.own(_given_back(taking, worker, request.connection_id))
        raise


async def _is_ticket_used(request: Request) -> bool:
    """Asked for another id than the ticket's own, which opens once as any: a client has fallen back."""
    ticket = request.state.ticket
    return ticket not in {None, request.connection_id} and await run(directory.is_ticket_used, ticket)


async def _given_back(taking: asyncio.Future[Inbox | None], worker: Worker, connection_id: str) -> None:
    if await taking is not None:
        await worker.endings.mark(connection_id)


async def _taken(request: Request, worker: Worker, transport: str) -> Inbox | None:
    entry, name, channel = request.entry(transport), worker.backplane.name, worker.backplane.channel or ""
    try:
        is_ours = await run(directory.claim, entry, name, channel)
    except directory.TooManyConnections as error:
        await request.too_many(str(error))
        return None
    if is_ours:
        return worker.registry.pop_inbox(request.connection_id) or Inbox()
    found = await run(directory.find, request.connection_id)
    if found is None or found.has_ended:
        await request.unknown()
    elif request.is_stateful and found.worker != name:
        await request.unknown()  # its state is on the other worker; the client starts afresh
    elif found.transport:
        await _conflict(request, found.transport, transport)
    elif await run(directory.take_over, entry, name, channel):
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
