"""Clients that do not read, do not speak, or speak a byte at a time: they are given up, and delay nobody."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from hubs import errors
from tests.faults.client import (
    COMPLETION,
    HANDSHAKE,
    INVOCATION,
    Client,
    connected,
    encoded,
    invocation,
    opened,
    serves_well,
)
from tests.faults.raw_socket import RawSocket
from tests.faults.server import ConformanceServer

PIECE = "x" * 30_000
PIECES = 600  # neither the kernel's buffers nor ours can hold as many
BIG = ("Big", 2_500_000)  # bytes, more than Daphne takes of a client
JOINS_WITHIN = 10  # seconds
CANCELED = f'{{"error":"{errors.HANDSHAKE_CANCELED}"}}\x1e'


@pytest.mark.parametrize("transport", ["WebSockets", "Server-Sent Events", "long polling"])
async def test_DS_3_who_reads_nothing_is_cut_off_and_delays_nobody_of_its_group(
    victim: ConformanceServer, transport: str
) -> None:
    async with connected(victim.address) as reader, connected(victim.address) as sender:
        await reader.call("Join", "ward")
        async with MUTE[transport](victim) as has_ended:
            async with asyncio.timeout(JOINS_WITHIN):
                assert (await reader.until(INVOCATION))["arguments"] == ["joined"]
            broadcasts = Broadcasts(sender, reader)
            await broadcasts.run(PIECES)
            assert await has_ended()
    assert broadcasts.slowest < 1
    assert broadcasts.left == 1


HELLO = HANDSHAKE + encoded(invocation("Join", "ward"), invocation("ToGroup", "ward", "joined"))
HasEnded = Callable[[], Awaitable[bool]]


@asynccontextmanager
async def mute_websocket(server: ConformanceServer) -> AsyncIterator[HasEnded]:
    with RawSocket(server.port, receive_buffer=4_096) as socket:
        socket.upgrade("/hubs/echo?farewell=ward")
        socket.send(HELLO.encode())
        yield lambda: asyncio.to_thread(socket.has_ended)


@asynccontextmanager
async def mute_event_stream(server: ConformanceServer) -> AsyncIterator[HasEnded]:
    async with httpx.AsyncClient(base_url=server.address) as client:
        url = await negotiated(client)
        with RawSocket(server.port, receive_buffer=4_096) as socket:
            head = f"GET {url} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
            socket.socket.sendall(head.encode())
            assert (await client.post(url, content=HELLO)).status_code == 200
            yield lambda: asyncio.to_thread(socket.has_ended)


@asynccontextmanager
async def mute_polling(server: ConformanceServer) -> AsyncIterator[HasEnded]:
    async with httpx.AsyncClient(base_url=server.address) as client:
        url = await negotiated(client)
        await client.get(url)
        assert (await client.post(url, content=HELLO)).status_code == 200

        async def has_ended() -> bool:
            return (await client.get(url)).status_code == 404

        yield has_ended


async def negotiated(client: httpx.AsyncClient) -> str:
    answer = (await client.post("/hubs/echo/negotiate?negotiateVersion=1")).json()
    return f"/hubs/echo?farewell=ward&id={answer['connectionToken']}"


MUTE = {"WebSockets": mute_websocket, "Server-Sent Events": mute_event_stream, "long polling": mute_polling}


class Broadcasts:
    """Messages to a group, one after the other, which a good member gets all and in order."""

    def __init__(self, sender: Client, reader: Client) -> None:
        self._sender = sender
        self._reader = reader
        self.slowest = 0.0  # seconds
        self.left = 0

    async def run(self, count: int) -> None:
        for number in range(count):
            started = time.monotonic()
            await self._sender.send(invocation("ToGroup", "ward", f"{number} {PIECE}"))
            await self._arrival(number)
            self.slowest = max(self.slowest, time.monotonic() - started)

    async def _arrival(self, number: int) -> None:
        while (received := await self._reader.until(INVOCATION))["target"] == "Left":
            self.left += 1
        assert received["arguments"][0].startswith(f"{number} ")


async def test_TR_7_sockets_that_say_nothing_are_closed_when_the_handshake_is_due(
    victim: ConformanceServer,
) -> None:
    async def say_nothing() -> str | bytes:
        async with opened(victim.address) as socket:
            return await socket.recv()

    assert set(await asyncio.gather(*(say_nothing() for _ in range(100)))) == {CANCELED}


async def test_a_handshake_byte_by_byte_is_not_waited_for_longer(victim: ConformanceServer) -> None:
    async with opened(victim.address) as socket:
        answer = asyncio.create_task(socket.recv())
        await drip(socket, answer)
        assert await answer == CANCELED


async def drip(socket: ClientConnection, answer: "asyncio.Task[str | bytes]") -> None:
    while not answer.done():
        try:
            await socket.send("x")
        except ConnectionClosed:
            return
        await asyncio.wait([answer], timeout=0.05)


async def test_DS_1_half_open_sockets_keep_nobody_out(victim: ConformanceServer) -> None:
    sockets = [RawSocket(victim.port) for _ in range(200)]
    for socket in sockets:
        socket.socket.sendall(b"GET /hubs/echo HTTP/1.1\r\nHost: local")
    assert await serves_well(victim.address)
    for socket in sockets:
        socket.socket.close()


async def test_a_result_of_megabytes_arrives_whole_beside_small_ones(victim: ConformanceServer) -> None:
    async with connected(victim.address) as client:
        small, big = (client.send(invocation(*each, invocationId=each[0])) for each in (("Echo", "a"), BIG))
        await asyncio.gather(small, big)
        results = {(answer := await client.until(COMPLETION))["invocationId"]: answer["result"] for _ in "12"}
    assert results == {"Echo": "a", "Big": "x" * BIG[1]}


async def test_who_leaves_in_the_middle_leaves_no_traceback(victim: ConformanceServer) -> None:
    for _ in range(20):
        async with opened(victim.address) as socket:
            await socket.send(HANDSHAKE)
            await socket.send(encoded(invocation("AskCaller", "?", invocationId="1")))
            await socket.send(encoded(invocation("Sum", invocationId="2", streamIds=["3"])))
            socket.transport.abort()
