"""A client in a process of its own, which says what it saw in lines."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

PIPE = asyncio.subprocess.PIPE


class ClientProcess:
    """Its standard output line by line, and its standard input."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def line(self) -> str:
        """What it says next. Fails with what it complained about when it ends without a word."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        line = await self._process.stdout.readline()
        assert line, (await self._process.stderr.read()).decode()
        return line.decode().rstrip("\n")

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    async def end(self) -> None:
        """Waits for its own end; it ends when all is said."""
        assert self._process.stdout is not None
        await self._process.stdout.read()
        await self._process.wait()

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def client_process(*command: str, directory: Path) -> AsyncIterator[ClientProcess]:
    """Starts it, and waits for its end or, after a failure, ends it."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=directory
    )
    client = ClientProcess(process)
    try:
        yield client
        await client.end()
    except BaseException:
        await client.kill()
        raise


def node_process(program: Path, *arguments: str) -> AbstractAsyncContextManager[ClientProcess]:
    return client_process("node", str(program), *arguments, directory=program.parent)
