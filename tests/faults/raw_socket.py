"""A WebSocket by hand, for what no library would send or leave unread."""

import socket
import struct
from contextlib import closing
from types import TracebackType

TIMEOUT = 10  # seconds
TEXT, BINARY = 0x81, 0x82
HEAD = (
    "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class RawSocket:
    """A TCP connection to the server that reads only when it is told to."""

    def __init__(self, port: int, *, receive_buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(("127.0.0.1", port))

    def __enter__(self) -> "RawSocket":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def upgrade(self, path: str = "/hubs/echo") -> bytes:
        """The head of the server's answer, and whatever comes with it."""
        self.socket.sendall(HEAD.format(path=path).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.socket.recv(4096)
        return answer

    def send(self, payload: bytes, opcode: int = TEXT) -> None:
        self.socket.sendall(frame(payload, opcode))

    def has_ended(self) -> bool:
        """Reads all that is left; whether the server has ended the connection within the time."""
        with closing(self.socket):
            try:
                while self.socket.recv(65_536):
                    pass
            except TimeoutError:
                return False
            except ConnectionResetError:
                pass
            return True


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One whole masked frame; the mask is zero."""
    length = len(payload)
    if length < 126:
        head = struct.pack("!BB", opcode, 0x80 | length)
    elif length < 65_536:
        head = struct.pack("!BBH", opcode, 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", opcode, 0x80 | 127, length)
    return head + bytes(4) + payload
