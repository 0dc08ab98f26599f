"""What is no HTTP, no WebSocket or no SignalR ends its own connection and nothing else."""

import asyncio

import pytest
from websockets.exceptions import ConnectionClosed

from hubs import errors
from tests.faults.client import CLOSE, HANDSHAKE, Client, connected, encoded, invocation, serves_well
from tests.faults.raw_socket import HEAD, RawSocket, frame
from tests.faults.server import ConformanceServer

UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
FOR_TCP = {
    "nothing like HTTP": b"\x00\x01\x02\xff" * 64,
    "the hello of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    "a head without an end": b"GET /hubs/echo HTTP/1.1\r\n" + b"X-Filler: filler\r\n" * 5_000,
    "a line without an end": b"GET /hubs/echo?" + b"x" * 100_000,
    "an upgrade without a key": b"GET /hubs/echo HTTP/1.1\r\nHost: a\r\n" + UPGRADE + b"\r\n",
    "no length": b"POST /hubs/echo/negotiate HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n",
    "no chunk": b"POST /hubs/echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize("garbage", FOR_TCP.values(), ids=FOR_TCP)
async def test_TR_9_garbage_instead_of_an_upgrade_hurts_nobody(
    victim: ConformanceServer, garbage: bytes
) -> None:
    with RawSocket(victim.port) as socket:
        try:
            socket.socket.sendall(garbage)
        except ConnectionError:
            return  # it has had enough before the end
        assert await serves_well(victim.address)


@pytest.mark.parametrize("version", [0, 7, 12, 14, "13.0", "x"])
async def test_TR_2_a_socket_of_another_version_is_refused(
    victim: ConformanceServer, version: int | str
) -> None:
    with RawSocket(victim.port) as socket:
        socket.socket.sendall(HEAD.format(path="/hubs/echo").replace("13", str(version)).encode())
        assert b" 400 " in socket.socket.recv(4096).partition(b"\r\n")[0]


async def test_TR_2_a_socket_of_a_draft_is_refused_whose_origin_has_another_name(
    victim: ConformanceServer,
) -> None:
    """Version 8, which Daphne's library takes; there it can be answered with 403 only."""
    with RawSocket(victim.port) as socket:
        socket.socket.sendall(HEAD.format(path="/hubs/echo").replace(": 13", ": 8").encode())
        assert socket.socket.recv(4096).split()[1] in {b"400", b"403"}


async def test_TR_3_no_socket_is_compressed_whatever_its_client_offers(victim: ConformanceServer) -> None:
    offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    with RawSocket(victim.port) as socket:
        socket.socket.sendall(HEAD.format(path="/hubs/echo").replace("\r\n\r\n", f"\r\n{offer}").encode())
        answer = socket.socket.recv(4096)
    assert b" 101 " in answer
    assert b"extensions" not in answer.lower()


FRAMES = {
    "an unmasked frame": b"\x81\x05hello",
    "reserved bits": b"\xf1" + frame(b"hello")[1:],
    "an unknown opcode": frame(b"hello", 0x8B),
    "a long ping": frame(b"x" * 200, 0x89),
    "a continuation of nothing": frame(b"hello", 0x80),
    "a length of 2^62": b"\x82\xff" + (2**62).to_bytes(8, "big") + bytes(4) + b"x" * 1000,
    "no UTF-8": frame(b"\xff\xfe\x1e"),
}


@pytest.mark.parametrize("garbage", FRAMES.values(), ids=FRAMES)
@pytest.mark.parametrize("shakes_hands", [False, True])
async def test_a_broken_frame_ends_its_connection(
    victim: ConformanceServer, garbage: bytes, shakes_hands: bool
) -> None:
    with RawSocket(victim.port) as socket:
        socket.upgrade()
        if shakes_hands:
            socket.send(HANDSHAKE.encode())
        socket.socket.sendall(garbage)
        assert await asyncio.to_thread(socket.has_ended)


MESSAGES = {
    "no JSON": "hello\x1e",
    "no object": "[1]\x1e",
    "no type": "{}\x1e",
    "no target": '{"type":1,"arguments":[]}\x1e',
    "a deep nest": '{"type":1,"target":"EchoAny","arguments":' + "[" * 20_000 + "\x1e",
    "both result and error": '{"type":3,"invocationId":"1","result":1,"error":"x"}\x1e',
    "too many bytes at once": "x" * 40_000,
    "too many bytes in a message": encoded(invocation("Echo", "x" * 40_000)),
}
CLOSED = {"type": CLOSE, "error": errors.CONNECTION_CLOSED, "allowReconnect": True}


@pytest.mark.parametrize("broken", MESSAGES.values(), ids=MESSAGES)
async def test_a_broken_message_ends_its_connection_with_a_word(
    victim: ConformanceServer, broken: str
) -> None:
    async with connected(victim.address) as client:
        await client.socket.send(broken)
        assert await client.receive() == CLOSED
        await client.socket.wait_closed()
        assert client.socket.close_code == 1000


@pytest.mark.parametrize("frames", [1, 4_000])
async def test_a_message_of_megabytes_ends_its_connection(victim: ConformanceServer, frames: int) -> None:
    async with connected(victim.address) as client:
        await send_until_closed(client, "x" * (4_000_000 // frames), frames)
        await client.socket.wait_closed()


async def send_until_closed(client: Client, piece: str, count: int) -> None:
    try:
        for _ in range(count):
            await client.socket.send(piece)
        await client.until(CLOSE)
    except ConnectionClosed:
        pass
