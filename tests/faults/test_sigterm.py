"""SIGTERM on real servers: every client is told to come back, spread over the drain, before its end."""

import asyncio
import os
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.faults.client import HANDSHAKE, opened
from tests.faults.server import conformance_server

CLOSE = '{"type":7,"allowReconnect":true}\x1e'
DRAIN_SECONDS = 1.0


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
async def test_sigterm_tells_every_client_to_come_back_spread_over_the_drain(
    kind: str, tmp_path: Path
) -> None:
    with conformance_server(kind, tmp_path / "log", {"DRAIN_SECONDS": DRAIN_SECONDS}) as server:
        async with AsyncExitStack() as stack:
            sockets = [await stack.enter_async_context(opened(server.address)) for _ in range(20)]
            for socket in sockets:
                await socket.send(HANDSHAKE)
                assert await socket.recv() == "{}\x1e"
            os.kill(server.workers[0], signal.SIGTERM)
            async with asyncio.timeout(20):
                goodbyes = await asyncio.gather(*(goodbye(socket) for socket in sockets))
    assert {(text, code) for text, code, _ in goodbyes} == {(CLOSE, 1000)}
    times = [at for _, _, at in goodbyes]
    assert max(times) - min(times) > DRAIN_SECONDS / 2


async def goodbye(socket: ClientConnection) -> tuple[str, int, float]:
    """The last words, the close code, and when they came."""
    text = str(await socket.recv())
    at = time.monotonic()
    with pytest.raises(ConnectionClosed) as closed:
        await socket.recv()
    assert closed.value.rcvd is not None
    return text, closed.value.rcvd.code, at
