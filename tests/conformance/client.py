"""A small SignalR client over each transport in each protocol, for tests of the conformance server."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from hubs.errors import HubError
from hubs.protocol import handshake
from hubs.protocol.framing import RECORD_SEPARATOR
from hubs.protocol.messages import (
    ABSENT,
    CancelInvocation,
    Close,
    Completion,
    Invocation,
    Message,
    Ping,
    StreamInvocation,
    StreamItem,
)
from hubs.protocol.negotiation import WEB_SOCKETS
from hubs.protocol.protocols import PROTOCOLS, HubProtocol
from tests.conformance.wire import Place, Wire, opened

TIMEOUT = 10.0  # seconds for whatever should come at once
ANYTHING = 2**31


class Client:
    """One connection. What comes is kept until somebody asks for it."""

    def __init__(self, wire: Wire, protocol: HubProtocol, connection_id: str) -> None:
        self.connection_id = connection_id
        self.pings = 0
        self._wire = wire
        self._protocol = protocol
        self._numbers = itertools.count(1)
        self._answers: dict[str, Callable[..., Any]] = {}
        self._unread: list[Message] = []
        self._arrived = asyncio.Condition()

    async def invoke(self, method: str, *arguments: Any, streams: Sequence[str] = ()) -> Any:
        """The result. Raises HubError with the server's text."""
        return await self.result(await self.call(method, *arguments, streams=streams))

    async def call(self, method: str, *arguments: Any, streams: Sequence[str] = ()) -> str:
        """Sends an invocation and returns its id."""
        number = str(next(self._numbers))
        await self.send(Invocation(method, arguments, number, tuple(streams)))
        return number

    async def result(self, number: str) -> Any:
        completion = await self.next(Completion, lambda each: each.invocation_id == number)
        if completion.error is not None:
            raise HubError(completion.error)
        return None if completion.result is ABSENT else self._decoded(completion.result)

    async def notify(self, method: str, *arguments: Any) -> None:
        """A call that nobody answers."""
        await self.send(Invocation(method, arguments))

    async def open_stream(self, method: str, *arguments: Any, streams: Sequence[str] = ()) -> str:
        number = str(next(self._numbers))
        await self.send(StreamInvocation(method, arguments, number, tuple(streams)))
        return number

    async def items(self, number: str) -> AsyncIterator[Any]:
        """The stream's items as they come. Raises HubError when it fails."""
        while True:
            message = await self.next((StreamItem, Completion), lambda each: each.invocation_id == number)
            if isinstance(message, StreamItem):
                yield self._decoded(message.item)
            elif message.error is not None:
                raise HubError(message.error)
            else:
                return

    async def stream(self, method: str, *arguments: Any) -> list[Any]:
        return [item async for item in self.items(await self.open_stream(method, *arguments))]

    async def cancel(self, number: str) -> None:
        await self.send(CancelInvocation(number))

    def reuse(self, number: str) -> None:
        """The next call has that id."""
        self._numbers = itertools.count(int(number))

    async def item(self, stream_id: str, item: Any) -> None:
        await self.send(StreamItem(stream_id, item))

    async def upload(self, stream_id: str, *items: Any, error: str | None = None) -> None:
        """Sends the items of an upload stream and its end."""
        for item in items:
            await self.item(stream_id, item)
        await self.send(Completion(stream_id, error=error))

    async def called(self, method: str) -> list[Any]:
        """The arguments of the server's next call of this client method."""
        call = await self.next(Invocation, lambda each: each.target == method)
        return [self._decoded(argument) for argument in call.arguments]

    def answer(self, method: str, function: Callable[..., Any]) -> None:
        """From now on answers the server's questions for this client method by calling `function`."""
        self._answers[method] = function

    async def ping(self) -> None:
        await self.send(Ping())

    async def closed(self) -> Close:
        close: Close = await self.next(Close)
        return close

    async def next(self, kind: Any, fits: Callable[[Any], bool] = lambda each: True) -> Any:
        """Takes the first unread message of that kind that fits, wherever it stands among the others."""

        def found() -> Message | None:
            return next((each for each in self._unread if isinstance(each, kind) and fits(each)), None)

        async with asyncio.timeout(TIMEOUT), self._arrived:
            message = await self._arrived.wait_for(found)
        assert message is not None
        self._unread.remove(message)
        return message

    async def send(self, message: Message) -> None:
        await self._wire.send(self._protocol.encode(message), binary=self._protocol.BINARY)

    async def run(self, first: bytes, received: AsyncIterator[bytes]) -> None:
        """Reads what comes until the connection is over. Each chunk holds whole messages."""
        await self._read(first)
        async for data in received:
            await self._read(data)

    async def _read(self, data: bytes) -> None:
        for body in self._protocol.framing(ANYTHING).feed(data):
            if (message := self._protocol.parse(body)) is not None:
                await self._take(message)

    async def _take(self, message: Message) -> None:
        if isinstance(message, Ping):
            self.pings += 1
        elif isinstance(message, Invocation) and message.invocation_id is not None:
            await self._answer(message, message.invocation_id)
        else:
            self._unread.append(message)
        async with self._arrived:
            self._arrived.notify_all()

    async def _answer(self, question: Invocation, invocation_id: str) -> None:
        function = self._answers.get(question.target)
        if function is None:
            await self.send(Completion(invocation_id, error="Client didn't provide a result."))
        else:
            result = function(*map(self._decoded, question.arguments))
            await self.send(Completion(invocation_id, result))

    def _decoded(self, raw: Any) -> Any:
        return self._protocol.convert(raw, Any)


async def error_of(call: Awaitable[Any]) -> str:
    """The text with which the server refuses the call."""
    try:
        answer = await call
    except HubError as error:
        return str(error)
    raise AssertionError(f"no error, but {answer!r}")


@asynccontextmanager
async def connected(
    place: Place, *, transport: str = WEB_SOCKETS, protocol: str = "json"
) -> AsyncIterator[Client]:
    """A client behind its handshake. Raises HubError when that is refused."""
    async with httpx.AsyncClient(timeout=30) as http:
        negotiated = await place.negotiate(http)
        async with opened(place, transport, negotiated["connectionToken"], http) as wire:
            await wire.send(handshake.encode_request(protocol), binary=False)
            received = wire.received()
            # A poll may carry more than the answer.
            answer, _, rest = (await anext(received)).partition(RECORD_SEPARATOR)
            if error := handshake.parse_response(answer):
                raise HubError(error)
            client = Client(wire, PROTOCOLS[protocol], negotiated["connectionId"])
            reading = asyncio.create_task(client.run(rest, received))
            try:
                yield client
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
