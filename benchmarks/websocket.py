"""A WebSocket client that costs next to nothing, so that thousands of them fit beside the server."""

import asyncio
import socket
from collections.abc import Callable

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class WebSocket(asyncio.Protocol):
    """One socket: `on_text` gets every whole text frame, `on_lost` hears once that it is gone."""

    def __init__(self, on_text: Callable[[bytes], None], on_lost: Callable[[], None]) -> None:
        self._on_text = on_text
        self._on_lost = on_lost
        self._received = bytearray()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._is_open = False
        self._total = 0
        self._arrived = asyncio.Event()
        self.transport: asyncio.Transport | None = None

    async def open(self, port: int, path: str, receive_buffer: int | None = None) -> None:
        """Connects and upgrades; raises OSError where that is refused."""
        loop = asyncio.get_running_loop()
        raw = await _connected(port, receive_buffer)
        await loop.create_connection(lambda: self, sock=raw)
        assert self.transport is not None
        self.transport.write(UPGRADE.format(path=path).encode())
        await self._opened

    def send(self, text: bytes) -> None:
        if self.transport is not None:
            self.transport.write(_frame(TEXT, text))

    async def read_only(self, size: int) -> None:
        """Reads about that much, and then nothing until the next call."""
        transport = self.transport
        if transport is None:
            return
        wanted = self._total + size
        transport.resume_reading()
        while self.transport is not None and self._total < wanted:
            self._arrived.clear()
            await self._arrived.wait()
        transport.pause_reading()

    def drop(self) -> None:
        """As a cut network does it: without a goodbye."""
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._arrived.set()
        if not self._opened.done():
            self._opened.set_exception(ConnectionResetError("closed during the upgrade"))
            self._opened.exception()  # perhaps nobody waits any more, which is no news either
        self._on_lost()

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._total += len(data)
        self._arrived.set()
        if self._is_open or self._has_upgraded():
            while (frame := self._next_frame()) is not None:
                self._take(*frame)

    def _has_upgraded(self) -> bool:
        head, separator, rest = self._received.partition(b"\r\n\r\n")
        if not separator or self._opened.done():
            return False
        if not head.startswith(b"HTTP/1.1 101"):
            self._opened.set_exception(ConnectionRefusedError(head[:40].decode()))
            return False
        self._is_open = True
        self._received = rest
        self._opened.set_result(None)
        return True

    def _next_frame(self) -> tuple[int, bytes] | None:
        """A server sends whole frames, unmasked."""
        received = self._received
        if len(received) < 2:
            return None
        start, length = 2, received[1]
        if length >= 126:
            start = 4 if length == 126 else 10
            length = int.from_bytes(received[2:start])
        if len(received) < start + length:
            return None
        opcode, payload = received[0] & 0x0F, bytes(received[start : start + length])
        del received[: start + length]
        return opcode, payload

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            self._on_text(payload)
        elif opcode == PING and self.transport is not None:
            self.transport.write(_frame(PONG, payload))
        elif opcode == CLOSE:
            self.drop()


def _frame(opcode: int, payload: bytes) -> bytes:
    """Masked with zeros, which leaves the payload as it is."""
    if len(payload) < 126:
        return bytes([0x80 | opcode, 0x80 | len(payload)]) + b"\0\0\0\0" + payload
    return bytes([0x80 | opcode, 0xFE]) + len(payload).to_bytes(2) + b"\0\0\0\0" + payload


async def _connected(port: int, receive_buffer: int | None) -> socket.socket:
    raw = socket.socket()
    raw.setblocking(False)
    if receive_buffer is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    try:
        await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
    except BaseException:
        raw.close()
        raise
    return raw
