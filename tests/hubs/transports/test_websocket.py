import asyncio

import pytest

from hubs.transports.websocket import WebSocketTransport


class Server:
    """What a server hands to an application, with the messages written down."""

    def __init__(self, *messages: dict) -> None:
        self._messages = list(messages)
        self.sent: list[dict] = []

    async def receive(self) -> dict:
        if not self._messages:
            await asyncio.Event().wait()  # as Daphne does: it says everything once
        return self._messages.pop(0)

    async def send(self, message: dict) -> None:
        self.sent.append(message)

    @property
    def transport(self) -> WebSocketTransport:
        return WebSocketTransport(self.receive, self.send)


async def test_an_upgrade_is_accepted():
    server = Server({"type": "websocket.connect"})
    assert await server.transport.accept()
    assert server.sent == [{"type": "websocket.accept"}]


async def test_a_client_that_has_gone_before_is_not_accepted():
    server = Server({"type": "websocket.disconnect", "code": 1006})
    assert not await server.transport.accept()
    assert server.sent == []


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ({"text": "Zoë"}, "Zoë".encode()),
        ({"bytes": b"\x00\xff"}, b"\x00\xff"),
        ({"text": "x", "bytes": None}, b"x"),
        ({"text": None, "bytes": b"x"}, b"x"),
        ({"text": ""}, b""),
        ({}, b""),
    ],
)
async def test_both_kinds_of_frames_are_read(message, data):
    assert await Server({"type": "websocket.receive", **message}).transport.read() == data


async def test_text_protocols_write_text_and_binary_ones_bytes():
    server = Server()
    await server.transport.write("Zoë\x1e".encode(), binary=False)
    await server.transport.write(b"\x02\x91\x06", binary=True)
    assert server.sent == [
        {"type": "websocket.send", "text": "Zoë\x1e"},
        {"type": "websocket.send", "bytes": b"\x02\x91\x06"},
    ]


async def test_we_close_with_code_1000_and_no_reason():
    server = Server()
    await server.transport.close()
    assert server.sent == [{"type": "websocket.close", "code": 1000}]


@pytest.mark.parametrize(
    ("message", "cleanly"),
    [
        ({"code": 1000, "reason": ""}, True),
        ({"code": 1001, "reason": ""}, True),
        ({"code": 1005, "reason": ""}, True),
        ({"code": 1000}, True),
        ({"code": None}, True),
        ({"code": 1005}, False),
        ({"code": 1006}, False),
        ({"code": 1011, "reason": "x"}, False),
        ({"code": 4000, "reason": ""}, False),
        ({}, False),
    ],
)
async def test_the_code_says_whether_it_was_a_goodbye(message, cleanly):
    transport = Server({"type": "websocket.disconnect", **message}).transport
    assert await transport.read() is None
    assert transport.ended_cleanly is cleanly


@pytest.mark.parametrize("code", [1000, None, 1006])
async def test_the_end_can_be_read_again_though_the_server_says_it_once(code):
    transport = Server({"type": "websocket.disconnect", "code": code}).transport
    async with asyncio.timeout(1):
        assert [await transport.read(), await transport.read()] == [None, None]


async def test_a_socket_that_is_open_is_never_abandoned():
    assert not Server().transport.is_abandoned(10**9)
