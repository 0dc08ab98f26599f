"""Calls over each transport as a stock client makes them: each request on its own, to any worker."""

import httpx
from websockets.sync.client import connect

HANDSHAKE = '{"protocol":"json","version":1}\x1e'
CALLS = 6
LAST = f'"invocationId":"{CALLS - 1}"'


def call(number: int) -> str:
    return f'{{"type":1,"invocationId":"{number}","target":"UnsubscribeFromWard","arguments":["icu"]}}\x1e'


def over_a_socket(client: httpx.Client, path: str) -> str:
    received = ""
    with connect(f"{client.base_url}{path}".replace("http", "ws", 1), proxy=None) as socket:
        socket.send(HANDSHAKE)
        for number in range(CALLS):
            socket.send(call(number))
        while LAST not in received:
            received += str(socket.recv(timeout=10))
    return received


def over_events(client: httpx.Client, path: str) -> str:
    received = ""
    with client.stream("GET", path, headers={"Accept": "text/event-stream"}) as stream:
        _post(client, path)
        for text in stream.iter_text():
            received += text
            if LAST in received:
                break
    return received


def over_polls(client: httpx.Client, path: str) -> str:
    received = client.get(path).text  # the first poll opens the connection and brings nothing
    _post(client, path)
    while LAST not in received:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        received += answer.text
    assert client.delete(path).status_code == 202
    return received


def _post(client: httpx.Client, path: str) -> None:
    for text in (HANDSHAKE, *map(call, range(CALLS))):
        answer = client.post(path, content=text.encode())
        assert answer.status_code == 200, answer.text
