"""A reader: a screen that comes back as the stock client does, and writes down all that it gets."""

import asyncio
import contextlib
import itertools
import json
import random
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from clinical.management.commands.seed_demo import PASSWORD
from tests.faults.client import (
    CLOSE,
    COMPLETION,
    HANDSHAKE,
    INVOCATION,
    PING,
    RECORD_SEPARATOR,
    encoded,
    invocation,
)
from tests.faults.ward.board import Board, apply, board_of
from tests.faults.ward.journal import Journal
from tests.faults.ward.screen import Screen, Status

T = TypeVar("T")

HUB = "/hubs/clinical"
RETRY_DELAYS = (0.0, 2.0, 5.0)  # seconds; the last one again and again
SERVER_TIMEOUT = 30.0  # the stock client's
PING_INTERVAL = 15.0
START_TIMEOUT = 15.0
SEGMENT = 536  # bytes
TRANSIENT = (OSError, TimeoutError, EOFError, WebSocketException, httpx.HTTPError)

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


class Reader:
    """`wards` are followed on one connection; `addresses` are those of the workers, or of lines to them."""

    def __init__(
        self,
        username: str,
        wards: Sequence[str],
        addresses: Sequence[str],
        *,
        receive_buffer: int | None = None,
    ) -> None:
        self.username = username
        self.wards = wards
        self.addresses = addresses
        self.receive_buffer = receive_buffer
        self.journal = Journal(username)
        self.screen = Screen(time.monotonic())
        self.token = ""
        self.boards: dict[str, Board] = {}
        self.reads = asyncio.Event()  # cleared while this reader does not read
        self.reads.set()
        # Without certificates, which take long to load: everything is on this machine.
        self._http = httpx.AsyncClient(timeout=START_TIMEOUT, verify=False)
        self._socket: ClientConnection | None = None
        self._ids = itertools.count()
        self._asked: dict[str, tuple[str, str]] = {}  # (ward, target) by invocation
        self._called: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Keeps a connection up from now on."""
        if not self.token:
            await self.log_in()
        self._task = asyncio.create_task(self._stay())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._http.aclose()

    @property
    def is_live(self) -> bool:
        self.screen.silence(time.monotonic())
        return self.screen.status is Status.LIVE

    def held(self) -> dict[str, int]:
        return {
            ward: chain.held for ward in self.wards if (chain := self.journal.chain(feed(ward))) is not None
        }

    async def call(self, target: str, *arguments: Any) -> dict[str, Any]:
        """The completion: with a `result` or an `error`."""
        assert self._socket is not None
        number = f"call-{next(self._ids)}"
        answer = self._called[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(encoded(invocation(target, *arguments, invocationId=number)))
        return await answer

    async def log_in(self) -> None:
        """One after the other: of many who log in by one name at once only as many are tried as may fail."""
        async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            self.token = await _first_of(self.addresses, self._token_of)

    async def _token_of(self, address: str) -> str:
        login = {"username": self.username, "password": PASSWORD}
        answer = await self._http.post(f"{address}/api/token/", json=login)
        return str(answer.raise_for_status().json()["access"])

    async def _stay(self) -> None:
        """For ever. A connection that was live starts the delays anew."""
        delays = iter(RETRY_DELAYS)
        while True:
            try:
                await self._connection()
            except TRANSIENT:
                pass
            except Exception as error:  # noqa: BLE001 - whatever else happens to a reader is what is looked for
                self.journal.complain(f"broke: {error!r}")
                return
            if self.screen.status is Status.LIVE:
                delays = iter(RETRY_DELAYS)
            self.screen.lost(time.monotonic())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(next(delays, RETRY_DELAYS[-1])):
                    await asyncio.Event().wait()

    async def _connection(self) -> None:
        async with asyncio.timeout(START_TIMEOUT):
            query = await _first_of(self.addresses, self._negotiate)
            socket = await _first_of(self.addresses, lambda address: self._upgrade(address, query))
        async with socket:
            self._socket, self._asked = socket, {}
            self.journal.connections += 1
            pings = asyncio.create_task(self._ping(socket))
            try:
                await self._follow(socket)
            finally:
                pings.cancel()

    async def _negotiate(self, address: str) -> str:
        answer = await self._ask_for_start(address)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            # As the stock client asks its token factory once more.
            self.token = await self._token_of(address)
            answer = await self._ask_for_start(address)
        found = answer.raise_for_status().json()
        return f"id={found['connectionToken']}&access_token={found['accessToken']}"

    async def _ask_for_start(self, address: str) -> httpx.Response:
        url = f"{address}{HUB}/negotiate?negotiateVersion=1"
        return await self._http.post(url, headers={"Authorization": f"Bearer {self.token}"})

    async def _upgrade(self, address: str, query: str) -> ClientConnection:
        url = f"{address.replace('http', 'ws', 1)}{HUB}?{query}"
        parts = urlsplit(address)
        end = socket.socket()
        if self.receive_buffer is not None:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
            # The loopback's segments are so large that the sender's kernel would hold megabytes.
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
        end.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(end, (parts.hostname, parts.port))
            return await connect(
                url,
                sock=end,
                compression=None,
                max_size=None,
                max_queue=1,
                ping_interval=None,
                close_timeout=1,
            )
        except BaseException:
            end.close()
            raise

    async def _ping(self, socket: ClientConnection) -> None:
        """As the stock client does: also a page that is too busy to read has its timers."""
        with contextlib.suppress(*TRANSIENT):
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PING_INTERVAL):
                        await socket.wait_closed()
                        return
                await socket.send(encoded({"type": PING}))

    async def _follow(self, socket: ClientConnection) -> None:
        await socket.send(HANDSHAKE)
        if await self._read(socket) != "{}" + RECORD_SEPARATOR:
            raise EOFError("the handshake was refused")
        await self._synchronise()
        while True:
            for text in (await self._read(socket)).split(RECORD_SEPARATOR)[:-1]:
                if not await self._take(json.loads(text)):
                    return

    async def _read(self, socket: ClientConnection) -> str:
        await self.reads.wait()
        async with asyncio.timeout(SERVER_TIMEOUT):
            return str(await socket.recv())

    async def _take(self, message: dict[str, Any]) -> bool:
        """False when the connection has come to its end."""
        if message["type"] == CLOSE:
            if not message.get("allowReconnect"):
                self.journal.complain(f"was closed for good: {message}")
            return False
        if message["type"] == COMPLETION:
            return await self._completed(message)
        if message["type"] == INVOCATION:
            await self._hear(message["target"], message["arguments"])
        return True

    async def _synchronise(self) -> None:
        for ward in self.wards:
            await self._ask(ward, "ResumeWard" if ward in self.boards else "SubscribeToWard")

    async def _ask(self, ward: str, target: str) -> None:
        number = str(next(self._ids))
        self._asked[number] = (ward, target)
        chain = self.journal.chain(feed(ward))
        place = [] if target == "SubscribeToWard" or chain is None else [chain.epoch, chain.held]
        assert self._socket is not None
        await self._socket.send(encoded(invocation(target, ward, *place, invocationId=number)))

    async def _completed(self, message: dict[str, Any]) -> bool:
        """A call that failed is tried again on another connection, as the board's page does it."""
        if (answer := self._called.pop(message["invocationId"], None)) is not None:
            answer.set_result(message)
            return True
        ward, target = self._asked.pop(message["invocationId"])
        if "error" in message:
            return False
        result = message["result"]
        if target == "SubscribeToWard":
            self.boards[ward] = board_of(result)
            self.journal.snapshot(result["feed"], result["epoch"], result["seq"], time.monotonic())
        elif result["resync"]:
            await self._ask(ward, "SubscribeToWard")
        else:
            self.journal.resumes += 1
            for event in result["events"]:
                self._apply(ward, event["target"], event["arguments"], resumed=True)
        if not self._asked:
            self.screen.live(time.monotonic())
        return True

    async def _hear(self, target: str, arguments: list[Any]) -> None:
        if target == "Heartbeat":
            await self._heartbeat(arguments[0]["feeds"])
        elif target == "FeedEnded":
            await self._ended(**arguments[0])
        else:
            ward = arguments[1]["feed"].partition(":")[2]
            if ward not in self.wards:
                self.journal.complain(f"was told of the ward {ward}")
            elif self._is_asked(ward):
                pass  # sent before the answer, which says all of it again
            elif not self._apply(ward, target, arguments, resumed=False):
                await self._ask(ward, "SubscribeToWard")

    def _is_asked(self, ward: str) -> bool:
        return any(ward == asked for asked, _ in self._asked.values())

    async def _heartbeat(self, feeds: dict[str, int]) -> None:
        for ward, held in self.held().items():
            if not self._asked and feeds.get(feed(ward), held) > held:
                self.journal.complain(f"heard that {ward} is at {feeds[feed(ward)]} where it held {held}")
        if self.screen.heard(time.monotonic()) and not self._asked:
            await self._synchronise()

    async def _ended(self, *, feed: str, reason: str) -> None:
        self.journal.endings.append(reason)
        if reason == "forbidden":
            self.journal.complain(f"{feed} ended: {reason}")
        self.screen.lost(time.monotonic())
        await self._ask(feed.partition(":")[2], "SubscribeToWard")

    def _apply(self, ward: str, name: str, arguments: list[Any], *, resumed: bool) -> bool:
        payload, envelope = arguments
        fits = self.journal.deliver(payload, name, envelope, time.monotonic(), resumed=resumed)
        if fits:
            apply(self.boards[ward], name, payload)
        return fits


async def _first_of(addresses: Sequence[str], attempt: Callable[[str], Awaitable[T]]) -> T:
    """Whoever answers, in any order, as behind a balancer that knows no stickiness."""
    *others, last = random.sample(addresses, len(addresses))
    for address in others:
        with contextlib.suppress(*TRANSIENT):
            return await attempt(address)
    return await attempt(last)


def feed(ward: str) -> str:
    return f"ward:{ward}"
