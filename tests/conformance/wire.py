"""The three transports as a client has them: connect, send bytes, receive bytes until the server is done."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hubs.protocol.negotiation import LONG_POLLING, SERVER_SENT_EVENTS, WEB_SOCKETS

COMMENT = b":"


class Wire(Protocol):
    """One connection's bytes in both directions."""

    async def send(self, data: bytes, *, binary: bool) -> None: ...

    def received(self) -> AsyncIterator[bytes]: ...


@dataclass
class Place:
    """A hub at a server, and how a client presents itself there."""

    address: str
    hub: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> httpx.URL:
        return httpx.URL(f"{self.address}{self.hub}", params=self.query)

    async def negotiate(self, http: httpx.AsyncClient) -> dict[str, Any]:
        """The server's answer. Raises httpx.HTTPStatusError for a refusal."""
        url = self.url.copy_with(path=f"{self.hub}/negotiate").copy_merge_params({"negotiateVersion": "1"})
        answer = await http.post(url, headers=self.headers)
        answer.raise_for_status()
        negotiated: dict[str, Any] = answer.json()
        return negotiated


@asynccontextmanager
async def opened(place: Place, transport: str, token: str, http: httpx.AsyncClient) -> AsyncIterator[Wire]:
    """A transport for a negotiated connection, at the end left without a goodbye."""
    url = place.url.copy_merge_params({"id": token})
    if transport == WEB_SOCKETS:
        address = str(url.copy_with(scheme="ws"))
        async with connect(address, additional_headers=place.headers, compression=None) as socket:
            yield _WebSocket(socket)
    elif transport == SERVER_SENT_EVENTS:
        headers = {**place.headers, "Accept": "text/event-stream"}
        async with http.stream("GET", url, headers=headers) as response:
            response.raise_for_status()
            yield _EventStream(response, _Posts(http, url, place.headers))
    else:
        assert transport == LONG_POLLING
        first = await http.get(url, headers=place.headers)
        assert (first.status_code, first.content) == (200, b"")
        yield _Polls(_Posts(http, url, place.headers))


class _WebSocket:
    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, data: bytes, *, binary: bool) -> None:
        await self.socket.send(data if binary else data.decode())

    async def received(self) -> AsyncIterator[bytes]:
        try:
            async for frame in self.socket:
                yield frame.encode() if isinstance(frame, str) else frame
        except ConnectionClosed:
            return


@dataclass
class _Posts:
    http: httpx.AsyncClient
    url: httpx.URL
    headers: dict[str, str]

    async def send(self, data: bytes) -> None:
        answer = await self.http.post(self.url, headers=self.headers, content=data)
        assert (answer.status_code, answer.content) == (200, b"")


@dataclass
class _EventStream:
    response: httpx.Response
    posts: _Posts

    async def send(self, data: bytes, *, binary: bool) -> None:
        await self.posts.send(data)

    async def received(self) -> AsyncIterator[bytes]:
        rest = b""
        async for chunk in self.response.aiter_raw():
            *events, rest = (rest + chunk).split(b"\r\n\r\n")
            for event in events:
                if event != COMMENT:
                    yield b"\n".join(line.removeprefix(b"data: ") for line in event.split(b"\r\n"))


@dataclass
class _Polls:
    posts: _Posts

    async def send(self, data: bytes, *, binary: bool) -> None:
        await self.posts.send(data)

    async def received(self) -> AsyncIterator[bytes]:
        while (answer := await self.posts.http.get(self.posts.url, headers=self.posts.headers)).content:
            yield answer.content
