"""The WebSocket transport: text frames for JSON, binary ones for MessagePack."""

from hubs.auth import Receive, Send
from hubs.protocol.negotiation import WEB_SOCKETS
from hubs.transports import daphne


class WebSocketTransport:
    """Carries a connection over one WebSocket."""

    __slots__ = ("_has_close_frame", "_receive", "_send", "close_code")

    name = WEB_SOCKETS
    carries_binary = True
    pings = True

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        # The code of the client's close frame; 1006 when the socket broke without one.
        self.close_code: int | None = None
        self._has_close_frame = False

    @property
    def ended_cleanly(self) -> bool:
        # 1000 normal, 1001 the page is left, 1005 closed without a code, as the stock client does
        return self._has_close_frame and self.close_code in {1000, 1001, 1005}

    def is_abandoned(self, now: float) -> bool:
        return False

    async def accept(self) -> bool:
        """Completes the upgrade; False when the client has gone before."""
        if (await self._receive())["type"] != "websocket.connect":
            return False
        await self._send({"type": "websocket.accept"})
        return True

    async def read(self) -> bytes | None:
        if self.close_code is not None:
            return None  # Daphne says it once; whoever asked again would wait for ever
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            code = message.get("code", 1006)
            # For a close frame without a code Daphne says None and uvicorn 1005; uvicorn says that for a lost
            # socket too, but a reason, possibly empty, comes with close frames only.
            self._has_close_frame = code != 1005 or "reason" in message
            self.close_code = 1005 if code is None else code
            return None
        text = message.get("text")
        return text.encode() if text is not None else message.get("bytes") or b""

    def pause(self) -> None:
        daphne.pause(self._send)

    def resume(self) -> None:
        daphne.resume(self._send)

    async def write(self, data: bytes, *, binary: bool) -> None:
        if daphne.is_full(self._send):
            await daphne.room(self._send)
        if binary:
            await self._send({"type": "websocket.send", "bytes": data})
        else:
            await self._send({"type": "websocket.send", "text": data.decode()})

    def abort(self) -> None:
        daphne.abort(self._send)

    async def close(self) -> None:
        await self._send({"type": "websocket.close", "code": 1000})
