"""From a message to what it does: order and limits of calls, streams, cancellation, answers to questions."""

import asyncio
import logging
import time
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from hubs import errors
from hubs.conf import hubs_settings
from hubs.connection import COUNTED
from hubs.errors import BindingError, CloseReason
from hubs.invocation import Call, Lane, perform
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
from hubs.protocol.protocols import Framing
from hubs.refusals import Refusals, Refused
from hubs.streams import Streams
from hubs.uploads import UploadStream

if TYPE_CHECKING:
    from hubs.hub import Hub

logger = logging.getLogger("hubs")

GRACE_BEFORE_DISCONNECTED = 1.0  # seconds
MESSAGES_A_TURN = 16  # of one frame; then the other connections have their turn


class Dispatcher:
    """Handles the messages of one connection in their order."""

    __slots__ = (
        "_actions",
        "_connection",
        "_framing",
        "_hub",
        "_most_parallel",
        "_most_waiting",
        "_options",
        "_rate_limits",
        "_room",
        "_running",
        "_tasks",
        "_waiting",
        "refusals",
        "streams",
    )

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._connection = hub.connection
        self._options = hub.connection.options
        self._actions = hub.actions()
        # Looked up once: a setting costs a look into a dictionary or two for every call.
        self._most_parallel: int = self._options.MAXIMUM_PARALLEL_INVOCATIONS
        self._most_waiting: int = self._options.MAXIMUM_WAITING_INVOCATIONS
        self._rate_limits = self._connection.worker.rate_limits if hubs_settings.RATE_LIMITS else None
        self.refusals = Refusals(hub)
        self._framing = self._new_framing()
        self._tasks: set[asyncio.Task[None]] = set()
        # Ordinary calls take turns; the rest waits here, and when this is full the receive loop waits.
        self._waiting: list[Call | Completion] = []
        self._running = 0
        self._room: asyncio.Event | None = None
        self.streams = Streams(hub)

    async def receive(self, data: bytes) -> None:
        """Handles the messages that `data` completes. Raises ProtocolError for what ends a connection."""
        self._connection.received_at = time.monotonic()
        for number, body in enumerate(self._framing.feed(data), start=1):
            message = self._connection.protocol.parse(body)
            if message is not None:
                await self._handle(message)
            if number % MESSAGES_A_TURN == 0:
                # A frame can hold thousands of calls that are answered without ever waiting for anything.
                await asyncio.sleep(0)
            if not self._connection.is_open:
                return

    def resume(self) -> None:
        """A new socket begins: half a message of the old one is worth nothing."""
        self._framing = self._new_framing()
        self._connection.resume()

    def _new_framing(self) -> Framing:
        return self._connection.protocol.framing(self._options.MAXIMUM_RECEIVE_MESSAGE_SIZE)

    async def _handle(self, message: Message) -> None:
        reliable = self._connection.reliable
        if reliable is not None and isinstance(message, COUNTED) and not reliable.receive():
            return  # repeated by the client, handled before
        match message:
            case Invocation() | StreamInvocation():
                await self._call(message)
            case Ack(number):
                self._connection.acknowledged(number)
            case SequenceStart(number) if reliable is not None:
                reliable.sequence(number)
            case StreamItem(stream_id, item):
                if upload := self.streams.upload(stream_id):
                    await self._feed(upload, upload.put(item))
            case Completion():
                await self._completed(message)
            case CancelInvocation(invocation_id):
                self.streams.cancelled(invocation_id)
            case Ping():
                self._connection.client_pings = True
            case Close():
                self._connection.close(CloseReason.CLIENT_CLOSED)

    async def _feed(self, upload: UploadStream, adding: Awaitable[None]) -> None:
        """Adds an item or the end; both wait while the call reads nothing and the upload is full."""
        if upload.is_full:
            with self._connection.not_reading():
                await adding
        else:
            await adding

    async def _call(self, message: Invocation | StreamInvocation) -> None:
        try:
            call = self._bound(message)
        except Refused as refusal:
            await self._refuse(message, refusal)
            return
        if call.wants_stream or call.stream_ids:
            self._start(call)
        else:
            await self._wait_in_line(call)

    async def _wait_in_line(self, call: Call | Completion) -> None:
        while len(self._waiting) >= self._most_waiting:
            self._room = asyncio.Event()
            with self._connection.not_reading():
                await self._room.wait()
        self._waiting.append(call)
        self._next()

    def _bound(self, message: Invocation | StreamInvocation) -> Call:
        """The call. Raises Refused: too many, unknown, badly shaped, id in use, no room, in this order."""
        action = self._actions.get(message.target)
        if self._rate_limits is not None and not self._rate_limits.allow(
            connection=self._connection.id, user=self._connection.user_id, target=message.target
        ):
            raise Refused(errors.TOO_MANY_CALLS, "limited", action.name if action else "")
        if action is None:
            raise Refused(errors.unknown_method(message.target), "unknown")
        try:
            arguments = action.bind(message.arguments, self._connection.protocol.convert)
        except BindingError as error:
            detail = f" InvalidDataException: {error}" if self._options.DETAILED_ERRORS else ""
            text = errors.invocation_failed(action.name) + detail
            raise Refused(text, "invalid", action.name) from error
        wants_stream = isinstance(message, StreamInvocation)
        if wants_stream and message.invocation_id in self.streams:
            text = errors.invocation_id_in_use(message.invocation_id or "")
            raise Refused(text, "invalid", action.name)
        if (wants_stream or message.stream_ids) and len(self._tasks) >= self._options.MAXIMUM_STREAMS:
            raise Refused(errors.TOO_MANY_STREAMS, "limited", action.name)
        call = Call(
            self._hub, action, arguments, message.invocation_id, wants_stream, tuple(message.stream_ids)
        )
        self.streams.open_uploads(call)
        return call

    async def _refuse(self, message: Invocation | StreamInvocation, refusal: Refused) -> None:
        await self.refusals.refused(message.target, refusal)
        if message.invocation_id is None:
            return
        completion = Completion(message.invocation_id, error=str(refusal))
        if isinstance(message, StreamInvocation):
            self._connection.send(completion)
        else:
            await self._wait_in_line(completion)  # answers keep the order of their calls

    def _next(self) -> None:
        """Opens lanes for waiting calls while there is room for another one beside those that run."""
        while self._waiting and self._running < self._most_parallel:
            self._running += 1
            self._own(asyncio.get_running_loop().create_task(self._work_off(Lane())))

    async def _work_off(self, lane: Lane) -> None:
        """Runs waiting calls one after the other; a task for each of them would cost as much as the call."""
        try:
            while self._waiting and not lane.is_released and not self._is_closed_by_us:
                call = self._waiting.pop(0)
                if self._room is not None:
                    self._room.set()
                if isinstance(call, Completion):
                    self._connection.send(call)
                else:
                    call.lane = lane
                    await self._run(call)
        finally:
            self.release(lane)

    def release(self, lane: Lane) -> None:
        """Gives the lane's place among the parallel calls to the next one; its own call goes on beside it."""
        if not lane.is_released:
            lane.is_released = True
            self._running -= 1
            self._next()

    def _start(self, call: Call) -> None:
        """Runs a call beside the lanes: streams and calls with uploads overtake ordinary ones."""
        task = asyncio.get_running_loop().create_task(self._run(call))
        self.streams.started(call, task)
        self._own(task)

    def _own(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, call: Call) -> None:
        call.has_begun = True
        try:
            if call.cancelled_with is not None:
                raise asyncio.CancelledError
            await perform(call)
        except asyncio.CancelledError:
            if call.cancelled_with is None:
                raise
            if call.invocation_id is not None:
                self._connection.send(call.cancelled_with)
        except Exception:
            logger.exception("a call broke", extra=self._hub.log_fields())
        finally:
            self.streams.forget(call)

    async def _completed(self, message: Completion) -> None:
        """The end of an upload, or the client's answer to a question of ours; any other id is nobody's."""
        if upload := self.streams.upload(message.invocation_id):
            ending = upload.end() if message.error is None else upload.fail(message.error)
            await self._feed(upload, ending)
        elif self._connection.questions is not None:
            self._connection.questions.answered(message)

    @property
    def _is_closed_by_us(self) -> bool:
        return self._connection.reason not in (None, CloseReason.CLIENT_CLOSED, CloseReason.CLIENT_LOST)

    async def finish(self) -> None:
        """Ends what runs: streams at once; calls that the client has sent before it left are carried out.

        After a close of ours waiting calls are dropped: they may be what was withdrawn. Returns when all has
        ended, after GRACE_BEFORE_DISCONNECTED at the latest; what is later has CALL_GRACE and no audience.
        """
        if self._is_closed_by_us:
            self._waiting.clear()
        self.streams.abandon()
        await self._wait_for_calls(GRACE_BEFORE_DISCONNECTED)
        self.refusals.finish()
        if self._tasks:
            self._connection.worker.own(self._end_late_calls())

    async def _end_late_calls(self) -> None:
        await self._wait_for_calls(self._options.CALL_GRACE)
        self._waiting.clear()
        for task in tuple(self._tasks):
            logger.warning("call cancelled long after its client left", extra=self._hub.log_fields())
            task.cancel()

    async def _wait_for_calls(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        except TimeoutError:
            pass
