"""A small SignalR client that can also misbehave: what it sends is up to the test."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

RECORD_SEPARATOR = "\x1e"
HANDSHAKE = '{"protocol":"json","version":1}' + RECORD_SEPARATOR
INVOCATION, STREAM_ITEM, COMPLETION, STREAM_INVOCATION, CANCEL, PING, CLOSE = range(1, 8)
SERVED_WITHIN = 1.0  # seconds
RECOVERED_WITHIN = 10.0  # seconds


def encoded(*messages: dict[str, Any]) -> str:
    return "".join(json.dumps(message) + RECORD_SEPARATOR for message in messages)


class Client:
    """A connection in JSON over a WebSocket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self._ids = itertools.count()
        self._waiting: list[dict[str, Any]] = []

    async def send(self, *messages: dict[str, Any]) -> None:
        await self.socket.send(encoded(*messages))

    async def receive(self) -> dict[str, Any]:
        """The next message that is no ping. Raises ConnectionClosed."""
        while not self._waiting:
            data = await self.socket.recv()
            assert isinstance(data, str)
            found = (json.loads(text) for text in data.split(RECORD_SEPARATOR)[:-1])
            self._waiting += [message for message in found if message.get("type") != PING]
        return self._waiting.pop(0)

    async def until(self, kind: int) -> dict[str, Any]:
        while (message := await self.receive()).get("type") != kind:
            pass
        return message

    async def call(self, target: str, *arguments: Any) -> Any:
        """The result. Raises AssertionError with the error of a call that failed."""
        number = f"call-{next(self._ids)}"
        await self.send(invocation(target, *arguments, invocationId=number))
        while (answer := await self.until(COMPLETION)).get("invocationId") != number:
            pass
        assert "error" not in answer, answer["error"]
        return answer["result"]


def invocation(target: str, *arguments: Any, **members: Any) -> dict[str, Any]:
    return {"type": INVOCATION, "target": target, "arguments": arguments, **members}


def stream(target: str, *arguments: Any, **members: Any) -> dict[str, Any]:
    return {"type": STREAM_INVOCATION, "target": target, "arguments": arguments, **members}


@asynccontextmanager
async def opened(address: str, path: str = "/hubs/echo") -> AsyncIterator[ClientConnection]:
    """A WebSocket on which nothing has been said yet."""
    url = address.replace("http", "ws") + path
    async with connect(url, compression=None, max_size=None, ping_interval=None, close_timeout=1) as socket:
        yield socket


@asynccontextmanager
async def connected(address: str, path: str = "/hubs/echo") -> AsyncIterator[Client]:
    async with opened(address, path) as socket:
        await socket.send(HANDSHAKE)
        assert await socket.recv() == "{}" + RECORD_SEPARATOR
        yield Client(socket)


async def serves_well(address: str) -> bool:
    """Whether a new client is connected and answered within a second, soon if not at once."""
    async with asyncio.timeout(RECOVERED_WITHIN):
        while True:
            try:
                async with asyncio.timeout(SERVED_WITHIN), connected(address) as client:
                    return bool(await client.call("Echo", "well") == "well")
            except (TimeoutError, OSError):
                continue
