"""What waits to be sent on each connection, and the turn of the loop in which it goes out."""

import asyncio
import types
from collections import deque
from collections.abc import Callable, Coroutine, Generator, Sequence
from typing import Any

MAXIMUM_BATCH = 65_536
SENDS_A_TURN = 100

Write = Callable[[bytes], Coroutine[Any, Any, None]]


class Flusher:
    """Starts the sends of all connections of one event loop, a bounded number a turn."""

    def __init__(self) -> None:
        self._due: deque[Outbox] = deque()
        self._scheduled = False

    def add(self, outbox: "Outbox") -> None:
        self._due.append(outbox)
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        try:
            for _ in range(min(SENDS_A_TURN, len(self._due))):
                self._due.popleft().start()
        finally:  # whatever one of them raises: the others must not wait for a turn that never comes
            self._scheduled = bool(self._due)
            if self._scheduled:
                asyncio.get_running_loop().call_soon(self._flush)


class Outbox:
    """Messages of one connection in order; what gathers in one turn of the loop goes out as one frame.

    The loop never waits for a client: a send is started here, and one that does not finish at once
    belongs to a task of this connection while the rest gathers behind it, up to `limit` bytes.
    """

    __slots__ = (
        "_close",
        "_drained",
        "_due",
        "_flusher",
        "_limit",
        "_on_broken",
        "_on_drained",
        "_parts",
        "_repeated",
        "_size",
        "_task",
        "_write",
    )

    def __init__(self, *, flusher: Flusher, write: Write, limit: int, on_broken: Callable[[], None]) -> None:
        self._flusher = flusher
        self._write = write
        self._limit = limit
        # Called once when the client does not read what is sent, or is gone.
        self._on_broken: Callable[[], None] | None = on_broken
        # A list: an empty deque takes 600 bytes of memory, and every idle connection has one.
        self._parts: list[bytes] = []
        self._size = 0
        # Bytes that were told again and may wait besides the limit.
        self._repeated = 0
        self._due = False
        self._close: Callable[[], Coroutine[Any, Any, None]] | None = None
        self._task: asyncio.Task[None] | None = None
        self._drained: asyncio.Event | None = None
        self._on_drained: set[Callable[[], None]] | None = None

    @property
    def is_backed_up(self) -> bool:
        """Whether the client has not taken what was sent to it, or a whole frame still waits."""
        return self._task is not None or self._size >= MAXIMUM_BATCH

    def when_drained(self, callback: Callable[[], None]) -> None:
        """Calls it once when nothing waits any more, however often it was asked for."""
        self._on_drained = self._on_drained or set()
        self._on_drained.add(callback)

    def put(self, data: bytes) -> None:
        """Queues one whole message."""
        if self._on_broken is None or self._close is not None:
            return
        if self._is_too_much(data):
            self.start()  # what waits for its turn of the loop is not the reader's fault
            if self._is_too_much(data):
                self._break()
                return
        self._parts.append(data)
        self._size += len(data)
        self._make_due()

    def repeat(self, messages: Sequence[bytes]) -> None:
        """Takes back what has not been sent and queues these: a new socket is told everything in order.

        Their number is bounded by whoever remembers them, so that no limit stands in their way. A send that
        waits does so for the socket before, and some servers have it wait until TCP gives that up.
        """
        if self._on_broken is None or self._close is not None:
            return
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._parts = list(messages)
        self._size = self._repeated = sum(map(len, messages))
        self._make_due()

    def finish(self, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Calls `close` once all that was put before has been sent; nothing can be put any more."""
        if self._close is None:
            self._close = close
            self._make_due()

    def discard(self) -> None:
        """Forgets what waits and stops a send that hangs."""
        self._on_broken = self._on_drained = None
        self._parts.clear()
        if self._task is not None:
            self._task.cancel()
        self._signal_drained()

    async def drained(self, holds_back: Callable[[], bool]) -> None:
        """Waits until less than a batch is waiting: back-pressure for whoever produces without end.

        And until nothing is held back from here; what was comes by `put`, and whoever waits looks again.
        """
        while (self._size >= MAXIMUM_BATCH or holds_back()) and self._on_broken is not None:
            self._drained = self._drained or asyncio.Event()
            await self._drained.wait()

    def start(self) -> None:
        """Starts the next send unless one waits; goes on until nothing is left or one of them has to wait."""
        self._due = False
        if self._task is not None:
            return
        while (send := self._next()) is not None:
            try:
                waiting_for = send.send(None)
            except StopIteration:
                continue
            except Exception:  # noqa: BLE001 - whatever a server raises here means that the client is gone
                self._break()
                return
            self._task = asyncio.get_running_loop().create_task(_resumed(send, waiting_for))
            self._task.add_done_callback(self._sent)
            return
        self._signal_empty()

    def _is_too_much(self, data: bytes) -> bool:
        return bool(self._parts) and self._size + len(data) > self._limit + self._repeated

    def _next(self) -> Coroutine[Any, Any, None] | None:
        if self._parts:
            return self._write(self._batch())
        if self._close is not None and self._on_broken is not None:
            self._on_broken = None
            return self._close()
        return None

    def _batch(self) -> bytes:
        """The next frame's worth; a message that is larger than a frame should be goes alone."""
        if self._size <= MAXIMUM_BATCH:
            return self._all()
        size, count = len(self._parts[0]), 1
        while count < len(self._parts) and size + len(self._parts[count]) <= MAXIMUM_BATCH:
            size += len(self._parts[count])
            count += 1
        parts, self._parts = self._parts[:count], self._parts[count:]
        self._size -= size
        if self._size < MAXIMUM_BATCH:
            self._signal_drained()
        return parts[0] if count == 1 else b"".join(parts)

    def _all(self) -> bytes:
        parts, self._parts, self._size, self._repeated = self._parts, [], 0, 0
        self._signal_drained()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _make_due(self) -> None:
        if not self._due and self._task is None:
            self._due = True
            self._flusher.add(self)

    def _sent(self, task: asyncio.Task[None]) -> None:
        if task is not self._task:  # it was for the socket before, and so is whatever became of it
            if not task.cancelled():
                task.exception()
            return
        self._task = None
        if task.cancelled():
            return
        if task.exception() is not None:
            self._break()
        elif self._parts or self._close is not None:
            self._make_due()
        else:
            self._signal_empty()

    def _break(self) -> None:
        on_broken = self._on_broken
        self.discard()
        if on_broken is not None:
            on_broken()

    def _signal_empty(self) -> None:
        if self._on_drained is not None:
            callbacks, self._on_drained = self._on_drained, None
            for callback in callbacks:
                callback()

    def _signal_drained(self) -> None:
        if self._drained is not None:
            self._drained.set()
            self._drained = None


@types.coroutine
def _resumed(send: Coroutine[Any, Any, None], waiting_for: Any) -> Generator[Any, Any, None]:
    """Goes on with a send that was started outside of a task and then had to wait."""
    while True:
        thrown: BaseException | None = None
        try:
            yield waiting_for
        except BaseException as error:  # noqa: BLE001 - the send decides what a cancellation means to it
            thrown = error
        try:
            waiting_for = send.send(None) if thrown is None else send.throw(thrown)
        except StopIteration:
            return
