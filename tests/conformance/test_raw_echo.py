"""Promises of the raw endpoint /echo: no handshake, and whatever arrives comes back."""

import asyncio

import httpx
import pytest
from websockets.asyncio.client import connect

from hubs.protocol.negotiation import LONG_POLLING, SERVER_SENT_EVENTS, WEB_SOCKETS
from tests.conformance.wire import opened

PAYLOADS = [b"hello", "Größe\n{}".encode(), b"x" * 20_000]


@pytest.mark.parametrize("transport", [WEB_SOCKETS, SERVER_SENT_EVENTS, LONG_POLLING])
async def test_every_payload_comes_back(server, transport):
    place = server.place("/echo")
    async with httpx.AsyncClient(timeout=30) as http:
        token = (await place.negotiate(http))["connectionToken"]
        async with opened(place, transport, token, http) as wire, asyncio.timeout(10):
            received = wire.received()
            for payload in PAYLOADS:
                await wire.send(payload, binary=False)
                back = b""
                while back != payload:
                    back += await anext(received)


@pytest.mark.parametrize("code", [1000, None])
async def test_a_socket_opened_directly_echoes_in_kind_and_ends_with_1000(server, code):
    async with connect(f"{server.address.replace('http', 'ws')}/echo", compression=None) as socket:
        for frame in ("text", b"\x00\xff", "again"):
            await socket.send(frame)
            assert await socket.recv() == frame
        if code is None:
            socket.protocol.send_close()
            socket.send_data()
        else:
            await socket.close(code)
        await socket.wait_closed()
    assert (socket.close_code, socket.protocol.close_rcvd.code) == (1000, 1000)


async def test_a_poll_of_an_ended_connection_is_unknown(server):
    place = server.place("/echo")
    async with httpx.AsyncClient(timeout=30) as http:
        token = (await place.negotiate(http))["connectionToken"]
        url = f"{server.address}/echo?id={token}"
        async with opened(place, LONG_POLLING, token, http):
            ended = await http.delete(url)
            assert (ended.status_code, ended.content) == (202, b"")
        for method in ("GET", "POST", "DELETE"):
            assert (await http.request(method, url)).status_code == 404
