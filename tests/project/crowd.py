"""People and programs that use a site while its workers are restarted, and what became of each of them."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

NEGOTIATE = "/hubs/clinical/negotiate?negotiateVersion=1"
HANDSHAKE = '{"protocol":"json","version":1}\x1e'
COME_BACK = '{"type":7,"allowReconnect":true}\x1e'


@dataclass
class Crowd:
    """Screens that stay connected and requests that never pause; what they did not expect is a failure."""

    url: str
    headers: Mapping[str, str]
    failures: list[str] = field(default_factory=list)
    # When a screen was told to come back.
    goodbyes: list[float] = field(default_factory=list)
    connected: int = 0
    reads: int = 0
    posts: int = 0

    @asynccontextmanager
    async def at_work(self, *, screens: int, others: int) -> AsyncIterator[None]:
        """Inside, all screens have been connected once and everybody goes on."""
        limits = httpx.Limits(max_connections=screens + 2 * others)
        async with (
            httpx.AsyncClient(base_url=self.url, limits=limits, timeout=60) as client,
            asyncio.TaskGroup() as group,
        ):
            tasks = [group.create_task(self._screen(client)) for _ in range(screens)]
            async with asyncio.timeout(60):
                while self.connected < screens:  # noqa: ASYNC110 - counted by many
                    await asyncio.sleep(0.1)
            for _ in range(others):
                tasks.append(group.create_task(self._reader(client)))
                tasks.append(group.create_task(self._poster(client)))
            yield
            for task in tasks:
                task.cancel()

    async def _screen(self, client: httpx.AsyncClient) -> None:
        """As the stock client does it: told to come back, it negotiates anew and opens another socket."""
        while True:
            found = (await client.post(NEGOTIATE, headers=self.headers)).json()
            query = f"id={found['connectionToken']}&access_token={found['accessToken']}"
            address = f"{self.url.replace('http', 'ws')}/hubs/clinical?{query}"
            async with connect(address, proxy=None, open_timeout=30) as socket:
                await socket.send(HANDSHAKE)
                if (answer := await socket.recv()) != "{}\x1e":
                    self.failures.append(f"handshake: {answer!r}")
                self.connected += 1
                try:
                    await self._watch(socket)
                finally:
                    self.connected -= 1

    async def _watch(self, socket: ClientConnection) -> None:
        was_told = False
        with suppress(ConnectionClosed):
            while True:
                was_told = COME_BACK in str(await socket.recv()) or was_told
        if was_told:
            self.goodbyes.append(time.monotonic())
        else:
            self.failures.append("a socket that ended without a word")

    async def _reader(self, client: httpx.AsyncClient) -> None:
        while True:
            self._expect(302, await client.get("/"))
            self.reads += 1

    async def _poster(self, client: httpx.AsyncClient) -> None:
        """What nginx must not send a second time once it has been sent."""
        while True:
            self._expect(200, await client.post(NEGOTIATE, headers=self.headers))
            self.posts += 1

    def _expect(self, status: int, answer: httpx.Response) -> None:
        if answer.status_code != status:
            self.failures.append(f"{answer.request.method} {answer.request.url.path}: {answer.status_code}")
