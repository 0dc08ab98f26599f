import asyncio

from hubs.transports.inbox import Inbox
from hubs.transports.server_sent_events import HEADERS, ServerSentEventsTransport


class Server:
    """What a server hands to an application: `send` waits, as uvicorn's does, while nobody reads."""

    def __init__(self) -> None:
        self.sent: list[dict] = []
        self.is_read = asyncio.Event()
        self.is_read.set()
        self.client_leaves = asyncio.Event()

    async def receive(self) -> dict:
        await self.client_leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict) -> None:
        await self.is_read.wait()
        self.sent.append(message)

    @property
    def transport(self) -> ServerSentEventsTransport:
        return ServerSentEventsTransport(Inbox(), self.receive, self.send, self.send)


async def test_a_comment_comes_first_so_that_the_client_knows_it_is_open():
    server = Server()
    await server.transport.open()
    assert server.sent == [
        {"type": "http.response.start", "status": 200, "headers": HEADERS},
        {"type": "http.response.body", "body": b":\r\n\r\n", "more_body": True},
    ]


async def test_each_line_of_a_message_is_a_field_of_its_event():
    server = Server()
    await server.transport.write(b"one\ntwo\x1e", binary=False)
    assert server.sent[0]["body"] == b"data: one\r\ndata: two\x1e\r\n\r\n"


async def test_the_stream_is_ended_once():
    server = Server()
    transport = server.transport
    await transport.close()
    await transport.close()
    assert server.sent == [{"type": "http.response.body", "body": b"", "more_body": False}]


async def test_a_client_that_leaves_ends_what_is_read():
    server = Server()
    transport = server.transport
    server.client_leaves.set()
    await transport.watch()
    assert await transport.read() is None
    assert not transport.ended_cleanly


async def test_nothing_more_is_said_to_a_client_that_was_given_up():
    server = Server()
    server.is_read.clear()
    transport = server.transport
    transport.abort()
    await asyncio.wait_for(transport.close(), 1)
    assert await transport.read() is None
    assert server.sent == []
