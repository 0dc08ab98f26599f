import asyncio
import functools
import io

import pytest
from daphne.access import AccessLogGenerator
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.tcp import Connection

from hubs.transports import daphne
from hubs.transports.stateful import StatefulTransport
from hubs.transports.websocket import WebSocketTransport


class Wire:
    """What Daphne holds of one client: Twisted's transport, as far as hubs looks at it."""

    def __init__(self) -> None:
        self.dataBuffer = b""
        self.offset = 0
        self._tempDataLen = 0
        self.disconnected = 0
        self.is_aborted = False
        self.paused = asyncio.Event()
        self.pauseProducing = self.paused.set
        self.resumeProducing = self.paused.clear
        self.abortConnection = functools.partial(setattr, self, "is_aborted", True)


class Protocol:
    def __init__(self) -> None:
        self.transport = Wire()


async def _handle_reply(protocol: Protocol, message: dict) -> None:
    """Stands where Daphne's `Server.handle_reply` stands: it never waits."""


async def _waiting_send(message: dict) -> None:
    """As of a server whose send waits by itself."""


@pytest.fixture
def protocol() -> Protocol:
    return Protocol()


@pytest.fixture
def send(protocol):
    return functools.partial(_handle_reply, protocol)


@pytest.mark.parametrize("name", ["pauseProducing", "resumeProducing", "abortConnection"])
def test_a_connection_of_twisted_has_what_is_called(name):
    assert callable(getattr(Connection, name))


def test_what_waits_for_the_client_is_counted(protocol, send):
    protocol.transport.dataBuffer, protocol.transport.offset = b"x" * 100, 30
    protocol.transport._tempDataLen = 7
    assert daphne.bytes_held(send) == 77


# What it read, or that it is gone: Twisted keeps then what it could not send.
@pytest.mark.parametrize(("name", "value"), [("_tempDataLen", 0), ("disconnected", 1)])
async def test_a_writer_waits_until_the_client_has_read_or_is_gone(protocol, send, name, value):
    protocol.transport._tempDataLen = daphne.MAXIMUM_HELD + 1
    waiting = asyncio.ensure_future(daphne.room(send))
    await asyncio.sleep(0)
    assert not waiting.done()
    setattr(protocol.transport, name, value)
    await asyncio.wait_for(waiting, 1)


def test_a_client_is_dropped_with_all_that_waits(protocol, send):
    daphne.abort(send)
    assert protocol.transport.is_aborted


def test_other_servers_are_left_alone():
    for act in (daphne.pause, daphne.resume, daphne.abort):
        act(_waiting_send)
    assert daphne.bytes_held(_waiting_send) == 0


def test_nothing_is_read_of_a_socket_that_is_paused(protocol, send):
    socket = WebSocketTransport(asyncio.Queue().get, send)
    socket.pause()
    assert protocol.transport.paused.is_set()
    socket.resume()
    assert not protocol.transport.paused.is_set()


async def test_a_socket_of_a_stateful_connection_is_held_back_while_its_inbox_is_full(protocol, send):
    frames: asyncio.Queue[dict] = asyncio.Queue()
    transport = StatefulTransport()
    carried = asyncio.ensure_future(transport.carry(WebSocketTransport(frames.get, send)))
    for number in range(20):
        frames.put_nowait({"type": "websocket.receive", "text": str(number)})
    await asyncio.wait_for(protocol.transport.paused.wait(), 1)
    assert [await transport.read() for _ in range(20)] == [str(number).encode() for number in range(20)]
    assert not protocol.transport.paused.is_set()
    frames.put_nowait({"type": "websocket.disconnect", "code": 1000, "reason": ""})
    await carried


def test_UQ_4_its_access_log_has_no_query_and_no_id() -> None:
    daphne.harden()
    daphne.harden()
    stream = io.StringIO()
    details = {"client": "127.0.0.1:1", "status": 200, "size": 0, "method": "GET"}
    AccessLogGenerator(stream)("http", "complete", {**details, "path": f"/wards/{'7' * 36}/?access_token=x"})
    assert '"GET /wards/***/" 200' in stream.getvalue()
    assert "access_token" not in stream.getvalue()


def test_pings_are_answered_while_their_answers_are_read() -> None:
    daphne.harden()
    socket = WebSocketProtocol()
    socket.transport, socket.state = Wire(), WebSocketProtocol.STATE_OPEN
    answered: list[bytes] = []
    socket.sendPong = answered.append
    socket.onPing(b"1")
    socket.transport._tempDataLen = daphne.MAXIMUM_HELD + 1
    socket.onPing(b"2")
    assert answered == [b"1"]
