"""A TCP line between two parts that can fall silent, as a network does, or be cut, as a machine does."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

CHUNK = 65_536


class Line:
    """Forwards to one port. While silent, nothing passes and nothing is lost; while cut, nobody answers."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self._passes = asyncio.Event()
        self._passes.set()
        self._is_cut = False
        self._served: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fall_silent(self) -> None:
        self._passes.clear()

    def cut(self) -> None:
        """Ends what is connected, and refuses until it is mended."""
        self._is_cut = True
        for task in self._served:
            task.cancel()

    def mend(self) -> None:
        self._is_cut = False
        self._passes.set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._served.add(task)
        task.add_done_callback(self._served.discard)

    async def end(self) -> None:
        self.cut()
        await asyncio.gather(*self._served, return_exceptions=True)

    async def _serve(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        far = None
        try:
            await self._passes.wait()
            if not self._is_cut:
                far_reader, far = await asyncio.open_connection("127.0.0.1", self.target)
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._forward(near_reader, far))
                    group.create_task(self._forward(far_reader, near))
        except* OSError:
            pass
        finally:
            for writer in (near, far):
                if writer is not None:
                    writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """To the end of one direction, which is taken for the end of both."""
        while data := await reader.read(CHUNK):
            await self._passes.wait()
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError


@asynccontextmanager
async def laid(target: int) -> AsyncIterator[Line]:
    line = Line(target)
    server = await asyncio.start_server(line.accept, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        await line.end()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await server.wait_closed()
