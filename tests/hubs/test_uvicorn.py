import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidMessage
from websockets.sync.client import ClientConnection, connect

from hubs.uvicorn import MAXIMUM_MESSAGE


async def application(scope, receive, send) -> None:
    """Tells how long each message is; twice, one message after the other, if it says so."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        for _ in range(2 if message["text"] == "twice" else 1):
            await send({"type": "websocket.send", "text": str(len(message["text"]))})


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-m", "hubs.uvicorn", f"{__name__}:application", "--fd"]
        server = subprocess.Popen([*command, str(listener.fileno())], pass_fds=[listener.fileno()])
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/?access_token=secret"
        server.send_signal(signal.SIGTERM)
        server.wait(10)


@pytest.fixture
def client(address) -> Iterator[ClientConnection]:
    with connect(address, compression="deflate") as client:
        yield client


def test_TR_3_no_socket_is_compressed_whatever_its_client_offers(client):
    assert client.response.headers.get("Sec-WebSocket-Extensions") is None
    client.send("x" * 1000)
    assert client.recv(5) == "1000"


def test_IN_2_a_message_that_is_larger_than_any_hub_takes_is_refused_by_the_server(client):
    client.send("x" * MAXIMUM_MESSAGE)
    assert client.recv(5) == str(MAXIMUM_MESSAGE)
    client.send("x" * (MAXIMUM_MESSAGE + 1))
    with pytest.raises(ConnectionClosed) as closed:
        client.recv(5)
    assert closed.value.rcvd.code == 1009


def test_a_client_that_closes_without_a_code_is_answered_with_1000(client):
    client.protocol.send_close()
    client.socket.sendall(b"".join(client.protocol.data_to_send()))
    with pytest.raises(ConnectionClosed) as closed:
        client.recv(5)
    assert closed.value.rcvd.code == 1000


def test_a_request_line_that_is_too_long_is_not_left_without_an_end(address):
    with pytest.raises(InvalidMessage), connect(f"{address}{'x' * 10_000}", open_timeout=5):
        pass


def test_no_message_waits_until_the_one_before_is_acknowledged(client):
    """A system waits 40 ms with that, so the bound says nothing of this machine's speed."""
    taken = []
    for _ in range(40):
        started = time.monotonic()
        client.send("twice")
        assert [client.recv(5), client.recv(5)] == ["5", "5"]
        taken.append(time.monotonic() - started)
    assert statistics.median(taken) < 0.03
