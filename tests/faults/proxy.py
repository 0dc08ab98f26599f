"""A TCP proxy that cuts connections, at once or at an exact byte."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

CHUNK = 65_536
HEAD_END = b"\r\n\r\n"
RESET = struct.pack("ii", 1, 0)


@dataclass
class Cut:
    """Where a WebSocket is cut: after so many bytes behind the upgrade, in one of the directions."""

    to_server: int | None = None
    to_client: int | None = None
    resets: bool = False  # RST instead of FIN


@dataclass(eq=False)
class Link:
    """One client and the server's end that belongs to it."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    cut: Cut | None = None

    def end(self, *, resets: bool) -> None:
        for writer in (self.client, self.server):
            if resets and (end := writer.get_extra_info("socket")) is not None and end.fileno() >= 0:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            if resets:
                writer.transport.abort()
            else:
                writer.close()


@dataclass
class CuttingProxy:
    """Forwards to one port. `next_cut` answers for each upgraded connection where it is to be cut."""

    target: int
    next_cut: Callable[[], Cut | None] = lambda: None
    port: int = 0
    # The first line of each request that has passed, such as "POST /hubs/echo/negotiate".
    requests: list[str] = field(default_factory=list)
    cuts: int = 0
    _links: set[Link] = field(default_factory=set)
    _served: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut_all(self, *, resets: bool = False) -> None:
        for link in tuple(self._links):
            link.end(resets=resets)

    async def end(self) -> None:
        self.cut_all(resets=True)
        if self._served:
            await asyncio.wait(self._served)

    def accept(self, client_reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(client_reader, client))
        self._served.add(task)
        task.add_done_callback(self._served.discard)

    async def _serve(self, client_reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            server_reader, server = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            client.close()
            return
        link = Link(client, server)
        self._links.add(link)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._to_server(link, client_reader))
                group.create_task(self._to_client(link, server_reader))
        except* OSError:
            pass
        finally:
            self._links.discard(link)
            link.end(resets=False)

    async def _to_server(self, link: Link, reader: asyncio.StreamReader) -> None:
        async for data in chunks(reader):
            if data[:4] in (b"GET ", b"POST", b"DELE"):
                method, target = data.split(b"\r\n", 1)[0].decode().split(" ")[:2]
                self.requests.append(f"{method} {target}")
            await self._forward(link, data, link.server, "to_server")
        link.server.close()

    async def _to_client(self, link: Link, reader: asyncio.StreamReader) -> None:
        is_first = True
        async for data in chunks(reader):
            head = b""
            if is_first and data.startswith(b"HTTP/1.1 101"):
                before, end, after = data.partition(HEAD_END)
                head, data = before + end, after
                link.client.write(head)
                link.cut = self.next_cut()
            is_first = False
            await self._forward(link, data, link.client, "to_client")
        link.client.close()

    async def _forward(self, link: Link, data: bytes, writer: asyncio.StreamWriter, direction: str) -> None:
        """Passes the data on, or what of it stands before the cut."""
        left = getattr(link.cut, direction) if link.cut is not None else None
        if left is None:
            writer.write(data)
        else:
            writer.write(data[:left])
            setattr(link.cut, direction, left - len(data))
        await writer.drain()
        if left is not None and len(data) >= left:
            assert link.cut is not None
            self.cuts += 1
            link.end(resets=link.cut.resets)
            raise ConnectionResetError


async def chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while data := await reader.read(CHUNK):
        yield data


@asynccontextmanager
async def cutting_proxy(
    target: int, next_cut: Callable[[], Cut | None] = lambda: None
) -> AsyncIterator[CuttingProxy]:
    proxy = CuttingProxy(target, next_cut)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await server.wait_closed()
        await proxy.end()
