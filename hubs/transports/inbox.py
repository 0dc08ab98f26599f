"""What a client has posted to a connection that does not run over a socket."""

import asyncio
import time

from hubs.auth import Receive

MAXIMUM_WAITING = 16  # chunks of request bodies; more make the request wait


class Inbox:
    """The bodies of POST requests in their order. May be filled before the connection has its transport."""

    def __init__(self) -> None:
        self.created_at = time.monotonic()
        self._chunks: asyncio.Queue[bytes | None] = asyncio.Queue(MAXIMUM_WAITING)
        self._one_post = asyncio.Lock()
        self._ended = asyncio.Event()
        self.client_left = False

    async def fill(self, receive: Receive) -> None:
        """Takes the body of one request whole, whatever others come at the same time."""
        async with self._one_post:
            while not self._ended.is_set():
                message = await receive()
                if message["type"] != "http.request":
                    return
                if body := message.get("body"):
                    await self._put(body)
                if not message.get("more_body"):
                    return

    async def add(self, body: bytes) -> None:
        """Takes a body that has been read already."""
        async with self._one_post:
            if body and not self._ended.is_set():
                await self._put(body)

    async def mark(self, mark: bytes) -> None:
        """Puts a mark between what came before and what comes now."""
        async with self._one_post:
            if not self._ended.is_set():
                await self._put(mark)

    @property
    def is_full(self) -> bool:
        return self._chunks.full()

    @property
    def has_ended(self) -> bool:
        return self._ended.is_set()

    def chunks(self) -> list[bytes]:
        """Takes out all that waits, for another worker to go on with."""
        taken = []
        while not self._chunks.empty():
            if chunk := self._chunks.get_nowait():
                taken.append(chunk)
        return taken

    async def read(self) -> bytes | None:
        """The next chunk, None once the inbox has ended."""
        if self._ended.is_set():
            return None
        chunk = await self._chunks.get()
        return None if self._ended.is_set() else chunk

    def end(self, *, client_left: bool) -> None:
        """Nothing is read or taken any more; whoever waits for either goes on."""
        self.client_left = self.client_left or client_left
        self._ended.set()
        while not self._chunks.empty():
            self._chunks.get_nowait()
        self._chunks.put_nowait(None)

    async def _put(self, body: bytes) -> None:
        await self._chunks.put(body)
        if self._ended.is_set():
            self.end(client_left=False)
