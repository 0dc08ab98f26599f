"""Screens: clients that follow a ward, know what a screen would show, and note when they came to know it."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from random import Random
from urllib.parse import quote

import msgspec

from benchmarks.websocket import WebSocket

HUB = "/hubs/clinical"
SEPARATOR = b"\x1e"
HANDSHAKE = b'{"protocol":"json","version":1}\x1e'
INVOCATION, COMPLETION, PING, CLOSE = 1, 3, 6, 7
TRY_AGAIN = 2.0  # seconds, the stock client's second delay
AT_ONCE = 50  # screens that come at once when no storm is wanted
PATIENCE = 60.0  # seconds for the whole way in; the stock client sets none

choice = Random(1)  # noqa: S311 - the same run every time


class Message(msgspec.Struct):
    type: int = 0
    target: str = ""
    arguments: list[msgspec.Raw] = []
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: str | None = None


class Place(msgspec.Struct):
    """The envelope of an event."""

    after: int
    seq: int


class Row(msgspec.Struct, rename="camel"):
    patient_id: str
    version: int


class Change(msgspec.Struct, rename="camel"):
    """What every event says about a patient, alone or in a whole row."""

    patient_id: str = ""
    version: int = 0
    row: Row | None = None


class Event(msgspec.Struct):
    """A missed one, in the answer to a resume."""

    target: str
    arguments: list[msgspec.Raw]


class Answer(msgspec.Struct):
    """A snapshot, or what a resume answers."""

    epoch: int = 0
    seq: int = 0
    beds: list[Row] = []
    events: list[Event] = []
    resync: bool = False


_message = msgspec.json.Decoder(Message)
_place = msgspec.json.Decoder(Place)
_change = msgspec.json.Decoder(Change)
_answer = msgspec.json.Decoder(Answer)


class Screen:
    """One reader's screen. `live_at` is when it last became what the database says."""

    def __init__(
        self, ward: str, token: str, ports: Sequence[int], *, receive_buffer: int | None = None
    ) -> None:
        self.ward = ward
        self.token = token
        self.live_at: float | None = None
        self.epoch = 0
        self.seq = 0
        self.versions: dict[str, int] = {}
        # (number, when it came) of each event, while somebody wants to know.
        self.arrivals: list[tuple[int, float]] | None = None
        # When it was told that it may not follow its ward any more.
        self.ended_at: float | None = None
        self.gaps = 0
        self.resyncs = 0
        self.failures: Counter[str] = Counter()
        self.socket: WebSocket | None = None
        self._ports = ports
        self._receive_buffer = receive_buffer
        self._waiting: asyncio.Future[Message] | None = None
        # What came while the answer of a subscription was on its way, perhaps in the same frame.
        self._held: list[Message] | None = None

    async def go_live(self, *, resume: bool = False) -> None:
        """Comes (back) as the stock client does: negotiates, connects, follows; tries until it is live."""
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._connect()
                    self._held = []
                    await (self._resume() if resume and self.epoch else self._subscribe())
                    self._let_go()
            except (OSError, TimeoutError, ValueError) as error:
                self.failures[type(error).__name__] += 1
                self.drop()
                await asyncio.sleep(TRY_AGAIN * choice.uniform(0.5, 1.5))
            else:
                self.live_at = time.monotonic()
                return

    async def ask(self) -> None:
        """A call as anybody makes it: what has been missed, which is nothing."""
        await self._resume()

    def drop(self) -> None:
        self.live_at = None
        if self.socket is not None:
            self.socket.drop()

    @property
    def has_lost(self) -> bool:
        """Whether it has lost the socket that it had."""
        return self.socket is not None and self.socket.transport is None

    async def _connect(self) -> None:
        found = await self._negotiate()
        path = f"{HUB}?id={quote(found['connectionToken'])}&access_token={quote(found['accessToken'])}"
        self._waiting = asyncio.get_running_loop().create_future()
        self.socket = WebSocket(self._take, self._gone)
        await self.socket.open(choice.choice(self._ports), path, self._receive_buffer)
        self.socket.send(HANDSHAKE)
        await self._waiting

    async def _negotiate(self) -> dict[str, str]:
        """Any worker may answer, not only the one that takes the socket then."""
        reader, writer = await asyncio.open_connection("127.0.0.1", choice.choice(self._ports))
        try:
            writer.write(
                f"POST {HUB}/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                "Connection: close\r\nContent-Length: 0\r\n"
                f"Authorization: Bearer {self.token}\r\n\r\n".encode()
            )
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionRefusedError(head[:40].decode())
        found: dict[str, str] = json.loads(body[body.index(b"{") : body.rindex(b"}") + 1])
        return found

    async def _subscribe(self) -> None:
        answer = await self._call("SubscribeToWard", self.ward)
        self.epoch, self.seq = answer.epoch, answer.seq
        self.versions = {row.patient_id: row.version for row in answer.beds}

    async def _resume(self) -> None:
        answer = await self._call("ResumeWard", self.ward, self.epoch, self.seq)
        if answer.resync:
            self.resyncs += 1
            await self._subscribe()
            return
        for event in answer.events:
            self._apply(event.target, event.arguments)

    async def _call(self, target: str, *arguments: object) -> Answer:
        assert self.socket is not None
        self._waiting = asyncio.get_running_loop().create_future()
        call = {"type": INVOCATION, "invocationId": "1", "target": target, "arguments": arguments}
        self.socket.send(json.dumps(call).encode() + SEPARATOR)
        completion = await self._waiting
        if completion.error is not None:
            raise ValueError(completion.error)
        return _answer.decode(completion.result)

    def _let_go(self) -> None:
        held, self._held = self._held or [], None
        for message in held:
            self._apply(message.target, message.arguments)

    def _gone(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionResetError("lost"))
            self._waiting.exception()  # perhaps nobody waits any more, which is no news either

    def _take(self, frame: bytes) -> None:
        for record in frame.split(SEPARATOR)[:-1]:
            message = _message.decode(record)
            if message.type == INVOCATION and self._held is not None:
                self._held.append(message)
            elif message.type == INVOCATION:
                self._apply(message.target, message.arguments)
            elif message.type in {0, COMPLETION} and self._waiting is not None and not self._waiting.done():
                self._waiting.set_result(message)

    def _apply(self, target: str, arguments: list[msgspec.Raw]) -> None:
        if target == "Heartbeat":
            return
        if target == "FeedEnded":
            self.resyncs += 1
            self.ended_at = time.monotonic()
            return
        place, change = _place.decode(arguments[1]), _change.decode(arguments[0])
        if place.seq <= self.seq:
            return  # the snapshot has it already
        if place.after != self.seq:
            self.gaps += 1
        self.seq = place.seq
        if self.arrivals is not None:
            self.arrivals.append((place.seq, time.monotonic()))
        patient, version = change.patient_id, change.version
        if change.row is not None:
            patient, version = change.row.patient_id, change.row.version
        self.versions[patient] = max(version, self.versions.get(patient, 0))


async def all_live(screens: Sequence[Screen]) -> None:
    """Brings them in without a storm."""
    places = asyncio.Semaphore(AT_ONCE)

    async def come(screen: Screen) -> None:
        async with places:
            await screen.go_live()

    async with asyncio.TaskGroup() as group:
        for screen in screens:
            group.create_task(come(screen))
