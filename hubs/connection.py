"""One logical connection: its ids, its principal, its state and what it has to send."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hubs.audience import hub_name
from hubs.auth import Principal, RequestState
from hubs.conf import HubOptions, hubs_settings
from hubs.errors import CloseReason
from hubs.outbox import Outbox
from hubs.protocol.messages import (
    Ack,
    CancelInvocation,
    Close,
    Completion,
    Invocation,
    Message,
    Ping,
    SequenceStart,
    StreamInvocation,
    StreamItem,
)
from hubs.protocol.protocols import HubProtocol
from hubs.protocol.reliable import Reliable
from hubs.questions import Questions
from hubs.states import TRANSITIONS, State
from hubs.transports.stateful import StatefulTransport

if TYPE_CHECKING:
    from hubs.hub import Hub
    from hubs.transports import Transport
    from hubs.worker import Worker


# What stateful reconnect counts and repeats, and the handshake version that asks for it.
COUNTED = (Invocation, StreamInvocation, StreamItem, Completion, CancelInvocation)
STATEFUL_HANDSHAKE = 2


class Connection:
    """One client on one hub, whatever carries its bytes."""

    __slots__ = (
        "__weakref__",
        "_abandoned",
        "_outbox",
        "_protocol",
        "_task",
        "client_pings",
        "closing_since",
        "expires_at",
        "groups",
        "headers",
        "hub",
        "hub_name",
        "id",
        "instance",
        "is_reading",
        "items",
        "may_be_asked",
        "opened_at",
        "options",
        "pinged_at",
        "principal",
        "query",
        "questions",
        "reason",
        "received_at",
        "reliable",
        "rights",
        "scope",
        "state",
        "ticket",
        "transport",
        "verified_at",
        "worker",
    )

    def __init__(
        self,
        *,
        connection_id: str,
        hub: "Hub",
        request: RequestState,
        scope: Mapping[str, Any],
        transport: "Transport",
        worker: "Worker",
    ) -> None:
        self.id = connection_id
        self.instance = hub
        self.hub = type(hub)
        self.hub_name = hub_name(self.hub)
        self.options = HubOptions(hub.options)
        self.scope = scope
        self.headers = request.headers
        self.query = request.query
        self.principal: Principal | None = request.principal
        self.verified_at = request.verified_at
        # Until the handshake uses it up.
        self.ticket = request.ticket
        # Counts how often the principal's rights have changed under the open connection.
        self.rights = 0
        self.transport = transport
        self.worker = worker
        self.state = State.HANDSHAKE
        self.reason: CloseReason | None = None
        self.items: dict[str, Any] = {}
        self.groups: set[str] = set()
        # What the server has asked the client; made when it first asks.
        self.questions: Questions | None = None
        self.is_reading = True
        self.may_be_asked = False  # until on_connected has run: before that no answer is read
        self._protocol: HubProtocol | None = None
        self.reliable: Reliable | None = None
        self._task: asyncio.Task[Any] | None = asyncio.current_task()
        self._abandoned = False
        self.opened_at = self.received_at = self.pinged_at = time.monotonic()
        self.closing_since = 0.0
        # The client time-out counts only once the client has pinged: some clients never do.
        self.client_pings = False
        self.expires_at = self._deadline()
        self._outbox = Outbox(
            flusher=worker.flusher,
            write=self._write,
            limit=self.options.MAXIMUM_SEND_BUFFER_SIZE,
            on_broken=lambda: self.abandon(CloseReason.TOO_SLOW),
        )

    @property
    def user_id(self) -> str | None:
        return self.principal.user_id if self.principal else None

    @property
    def protocol(self) -> HubProtocol:
        assert self._protocol is not None, "there is no protocol before the handshake"
        return self._protocol

    @property
    def is_open(self) -> bool:
        return self.state is State.OPEN

    def open(self, protocol: HubProtocol, handshake_version: int = 1) -> None:
        self._protocol = protocol
        if isinstance(self.transport, StatefulTransport):
            if handshake_version >= STATEFUL_HANDSHAKE:
                self.reliable = Reliable(hubs_settings.STATEFUL_RECONNECT_BUFFER_SIZE)
            else:
                self.transport.may_resume = False
        self._step(State.OPEN)

    def send(self, message: Message) -> None:
        """Queues a message; on a connection that is not open it is dropped."""
        if self.state is State.OPEN:
            encoded = self.protocol.encode(message)
            if self.reliable is not None and isinstance(message, COUNTED):
                self._send_reliably(self.reliable, encoded)
            else:
                self._outbox.put(encoded)

    def send_encoded(self, data: bytes) -> None:
        """Queues one invocation that is encoded already in this connection's protocol."""
        if self.state is not State.OPEN:
            return
        if self.reliable is None:
            self._outbox.put(data)
        else:
            self._send_reliably(self.reliable, data)

    def send_batch(self, messages: Sequence[bytes], frames: Sequence[bytes]) -> None:
        """Queues invocations that are encoded already: one by one where they are counted, else as frames."""
        for data in messages if self.reliable is not None else frames:
            self.send_encoded(data)

    @property
    def is_backed_up(self) -> bool:
        return self._outbox.is_backed_up or self._holds_back()

    def when_drained(self, callback: Callable[[], None]) -> None:
        self._outbox.when_drained(callback)

    def acknowledged(self, number: int) -> None:
        """The client has what was sent up to this number."""
        if self.reliable is not None:
            for data in self.reliable.acknowledged(number):
                self._outbox.put(data)

    def acknowledge(self) -> None:
        """Tells the client what has arrived; about once a second."""
        if self.reliable is not None and (number := self.reliable.acknowledge()) is not None:
            self.send(Ack(number))

    def resume(self) -> None:
        """A new socket has come: says where it goes on, and repeats what was not acknowledged."""
        assert self.reliable is not None, "only such connections get a second socket"
        first, unacknowledged = self.reliable.resume()
        self.reliable.expect_sequence()
        self.received_at = time.monotonic()
        self._outbox.repeat([self.protocol.encode(SequenceStart(first)), *unacknowledged])

    def _send_reliably(self, reliable: Reliable, data: bytes) -> None:
        for each in reliable.send(data):
            self._outbox.put(each)
        if reliable.held_bytes > self.options.MAXIMUM_SEND_BUFFER_SIZE:
            self.abandon(CloseReason.TOO_SLOW)

    async def drained(self) -> None:
        """Waits until the client has taken, and where that counts acknowledged, nearly all that was sent."""
        await self._outbox.drained(self._holds_back)

    def _holds_back(self) -> bool:
        return self.reliable is not None and self.reliable.held_bytes > 0

    def renew(self, request: RequestState) -> None:
        """A newer request speaks for the connection from now on: its headers, query and token."""
        self.headers, self.query = request.headers, request.query
        self.renew_principal(request.principal)

    def renew_principal(self, principal: Principal | None) -> None:
        """Takes over a token of the same user that is not older: its claims count from now on, and its end.

        The end moves by what the new token ends later, whatever the wall clock says meanwhile.
        """
        if principal is None or self.principal is None:
            return
        assert principal.user_id == self.principal.user_id, "the id was checked to be this user's"
        later = principal.expires_at - self.principal.expires_at
        if later >= 0:
            self.principal = principal
            self.expires_at = self.expires_at and self.expires_at + later

    def ping(self, now: float) -> None:
        self.pinged_at = now
        self.send(Ping())

    @contextmanager
    def not_reading(self) -> Iterator[None]:
        """While the receive loop waits for room, a silent client is our doing and does not time out."""
        self.is_reading = False
        self.transport.pause()
        try:
            yield
        finally:
            self.transport.resume()
            self.is_reading = True
            self.received_at = time.monotonic()

    def close(self, reason: CloseReason, detail: str = "") -> None:
        """Says Close with the reason's text and leave to reconnect, then ends the transport."""
        if not self.is_open:
            return
        self.reason = reason
        self.send(Close(reason.error and reason.error + detail, reason.allow_reconnect))
        self.closing_since = time.monotonic()
        self._step(State.CLOSING)
        self._outbox.finish(self.transport.close)

    def abandon(self, reason: CloseReason) -> None:
        """Ends a connection whose client does not read, without a goodbye that would not arrive."""
        self.reason = self.reason or reason
        self._step(State.CLOSED)
        self._outbox.discard()
        if self._task is not None and not self._abandoned:
            self._abandoned = True
            self.transport.abort()
            self._task.cancel()

    def ended(self, reason: CloseReason) -> None:
        """The transport is gone; `reason` counts unless there was one before."""
        self.reason = self.reason or reason
        self._step(State.CLOSED)
        self._outbox.discard()
        if self.questions is not None:
            self.questions.give_up()

    def was_abandoned(self) -> bool:
        """Whether the cancellation that the caller has caught came from `abandon`; takes it back if so."""
        if self._abandoned and self._task is not None:
            self._task.uncancel()
        return self._abandoned

    def _write(self, data: bytes) -> Coroutine[Any, Any, None]:
        return self.transport.write(data, binary=self.protocol.BINARY)

    def _deadline(self) -> float | None:
        """When the token ends, on a clock that nobody can set back."""
        if self.principal is None or not self.options.CLOSE_ON_EXPIRATION:
            return None
        return time.monotonic() + self.principal.expires_at - time.time()

    def _step(self, to: State) -> None:
        if to in TRANSITIONS[self.state]:
            self.state = to
