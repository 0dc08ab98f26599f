"""Many WebSocket clients in a process of their own, which only count what arrives."""

import asyncio
import contextlib
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from typing import Any

from benchmarks.payload import MARK
from benchmarks.process import use_load_cores

MARK_BYTES = MARK.encode()
AT_ONCE = 40  # sockets that are being opened
PATIENCE = 30.0  # seconds for an answer while opening, and for the first message
QUIET = 2.0  # seconds without a message, once one has come, after which the rest counts as lost
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """How a client enters: the path it opens, then what it says and what each answer must contain."""

    path: str
    steps: Sequence[tuple[str, bytes]] = field(default=())

    def for_group(self, group: str) -> "Dialogue":
        steps = [(say.replace("GROUP", group), answer) for say, answer in self.steps]
        return Dialogue(self.path.replace("GROUP", group), steps)


class Client(asyncio.Protocol):
    """One WebSocket: frames in, a count out; it answers pings."""

    def __init__(self, counter: "Counter") -> None:
        self._counter = counter
        self._rest = b""
        self._is_open = False
        self._wanted = b""
        self._found: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    async def answer(self, wanted: bytes, say: bytes) -> None:
        """Sends the bytes and waits for an answer with those in it."""
        self._wanted, self._found = wanted, asyncio.get_running_loop().create_future()
        self.transport.write(say)
        try:
            async with asyncio.timeout(PATIENCE):
                await self._found
        except TimeoutError:
            raise ConnectionError(f"no {wanted!r} in the answer to {say!r}") from None

    def data_received(self, data: bytes) -> None:
        if self._found is not None and self._wanted in self._rest + data:
            self._found.set_result(None)
            self._found = None
        data = self._rest + data
        if not self._is_open:
            head, end, rest = data.partition(b"\r\n\r\n")
            self._rest = b"" if end else head
            if not end:
                return
            self._is_open, data = True, rest
        self._rest = data[self._read_frames(data) :]

    def connection_lost(self, error: Exception | None) -> None:
        self._counter.lost += 1

    def _read_frames(self, data: bytes) -> int:
        """Counts the marks of all whole frames; returns where the first partial one begins."""
        at, size = 0, len(data)
        while at + 2 <= size:
            length, start = data[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(data[start : start + 2]), start + 2
            elif length == 127:
                length, start = int.from_bytes(data[start : start + 8]), start + 8
            end = start + length
            if end > size:
                break
            opcode = data[at] & 0xF
            if opcode == CLOSE:
                self._counter.goodbyes.add(data[start:end])
            if opcode == PING:
                self.transport.write(_frame(PONG, data[start:end]))
            else:
                self._counter.add(data.count(MARK_BYTES, start, end))
            at = end
        return at


class Counter:
    """What all clients of a crowd have been sent, and who waits for it."""

    def __init__(self) -> None:
        self.count = 0
        self.lost = 0
        self.goodbyes: set[bytes] = set()  # codes and reasons of the closes of the server
        self._wanted = 0
        self._changed = asyncio.Event()

    def add(self, marks: int) -> None:
        self.count += marks
        if self.count >= self._wanted:
            self._changed.set()

    async def until(self, wanted: int) -> int:
        """Waits for that many since the last call, but not for what does not come; returns how many came."""
        self._wanted, silent = wanted, 0.0
        while self.count < wanted and silent < (QUIET if self.count else PATIENCE):
            seen = self.count
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(QUIET):
                    await self._changed.wait()
            silent = silent + QUIET if self.count == seen else 0.0
        came, self.count = self.count, 0
        return came


class Crowd:
    """The driver's end: opens clients of one server in a process of its own, and waits for messages."""

    def __init__(self, port: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(port, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def open(self, dialogues: Sequence[Dialogue]) -> None:
        """Opens one client for each, besides those there are."""
        self._ask("open", dialogues)

    def received(self, wanted: int) -> int:
        """How many messages have come to all of them since this was last asked; waits for that many."""
        count: int = self._ask("received", wanted)
        return count

    def close(self) -> None:
        self._process.kill()
        self._process.join()

    def _ask(self, what: str, argument: Any) -> Any:
        self._pipe.send((what, argument))
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


@contextmanager
def crowded(port: int) -> Iterator[Crowd]:
    crowd = Crowd(port)
    try:
        yield crowd
    finally:
        crowd.close()


def _serve(port: int, pipe: Pipe) -> None:
    use_load_cores()
    asyncio.run(_answer_all(port, pipe))


async def _answer_all(port: int, pipe: Pipe) -> None:
    counter, clients, arrived = Counter(), list[Client](), asyncio.Event()
    asyncio.get_running_loop().add_reader(pipe.fileno(), arrived.set)
    while True:
        await arrived.wait()
        arrived.clear()
        if not pipe.poll():
            # The loop tells once more of what has been read; waiting here would leave pings unanswered.
            continue
        what, argument = pipe.recv()
        try:
            if what == "open":
                clients += await _opened(port, counter, argument)
                pipe.send(len(clients))
            else:
                came = await counter.until(argument)
                if counter.lost:
                    raise ConnectionError(
                        f"{counter.lost} of {len(clients)} sockets were closed: {counter.goodbyes}"
                    )
                pipe.send(came)
        except Exception as error:  # noqa: BLE001 - the driver hears of it, whatever it is
            pipe.send(RuntimeError(repr(error)))


async def _opened(port: int, counter: Counter, dialogues: Sequence[Dialogue]) -> list[Client]:
    places = asyncio.Semaphore(AT_ONCE)

    async def open_one(dialogue: Dialogue) -> Client:
        async with places:
            return await enter(port, counter, dialogue)

    clients = await asyncio.gather(*(open_one(dialogue) for dialogue in dialogues))
    counter.count = 0
    return clients


async def enter(port: int, counter: Counter, dialogue: Dialogue) -> Client:
    """A client that has had the dialogue with the server."""
    loop = asyncio.get_running_loop()
    _, client = await loop.create_connection(lambda: Client(counter), "127.0.0.1", port)
    await client.answer(b"\r\n\r\n", UPGRADE.format(path=dialogue.path).encode())
    for say, wanted in dialogue.steps:
        await client.answer(wanted, _frame(TEXT, say.encode()))
    return client


def _frame(opcode: int, data: bytes) -> bytes:
    """A client's frame, masked with zeros, which leave it as it is."""
    size = len(data)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2)
    return bytes([0x80 | opcode]) + length + b"\0\0\0\0" + data
