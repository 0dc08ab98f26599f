"""One request over a connection of its own, written byte by byte, for what no HTTP library would send."""

import contextlib
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass

TIMEOUT = 20.0  # seconds
UPGRADE = (
    (b"Upgrade", b"websocket"),
    (b"Connection", b"Upgrade"),
    (b"Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    (b"Sec-WebSocket-Version", b"13"),
)
Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Answer:
    """Status, head and body; status 0 where the server has cut the connection without a word."""

    status: int
    head: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def request(
    port: int,
    method: bytes,
    target: bytes,
    headers: Headers = (),
    body: bytes = b"",
    *,
    upgrade: bool = False,
) -> Answer:
    """Whatever the server answers; an upgrade that succeeds is status 101, and is dropped."""
    own = UPGRADE if upgrade else ((b"Connection", b"close"), (b"Content-Length", str(len(body)).encode()))
    lines = [b"%s %s HTTP/1.1" % (method, target), b"Host: 127.0.0.1:%d" % port]
    lines += [b"%s: %s" % header for header in (*own, *headers)]
    return exchange(port, b"\r\n".join(lines) + b"\r\n\r\n" + body)


def exchange(port: int, data: bytes) -> Answer:
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as connection:
        received = b""
        with contextlib.suppress(ConnectionError):
            connection.sendall(data)
            while chunk := connection.recv(65_536):
                received += chunk
                if _is_whole(received):
                    break
    head, _, body = received.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    return Answer(int(words[1]) if len(words) > 1 and words[1].isdigit() else 0, head.decode("latin-1"), body)


def _is_whole(received: bytes) -> bool:
    """An upgrade is over with its head, any other answer when as much has come as its head says."""
    head, end, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
    if b" 101 " in head[:16] or body.endswith(b"0\r\n\r\n"):
        return True
    return bool(end) and length is not None and len(body) >= int(length[1])
