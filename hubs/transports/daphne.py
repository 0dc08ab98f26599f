"""The one place that knows Daphne's inside: its send never waits, and it reads on whoever listens."""

import asyncio
import functools
import sys
from typing import Any

from hubs.auth import Send
from hubs.log_filters import shown_path

MAXIMUM_HELD = 65_536
LOOK_AGAIN = 0.05  # seconds


def bytes_held(send: Send) -> int:
    """How much Daphne holds for a client that does not read; 0 on servers whose send waits by itself."""
    transport = _transport(send)
    return 0 if transport is None else _held(transport)


def is_full(send: Send) -> bool:
    return bytes_held(send) > MAXIMUM_HELD


async def room(send: Send) -> None:
    """Waits until Daphne holds little for the client; what comes meanwhile waits in our bounded outbox."""
    while is_full(send):  # noqa: ASYNC110 - Daphne has no event for it
        await asyncio.sleep(LOOK_AGAIN)


def pause(send: Send) -> None:
    """Has Daphne read nothing more from the client: what it reads waits in a queue without end."""
    transport = _transport(send)
    if transport is not None:
        transport.pauseProducing()


def resume(send: Send) -> None:
    transport = _transport(send)
    if transport is not None:
        transport.resumeProducing()


def abort(send: Send) -> None:
    """Drops the socket at once with all that Daphne holds for it."""
    transport = _transport(send)
    if transport is not None:
        transport.abortConnection()


def harden() -> None:
    """Where Daphne serves: no query in its access log, no pongs that nobody reads, no message too long."""
    access, sockets = sys.modules.get("daphne.access"), sys.modules.get("daphne.ws_protocol")
    if access is not None and not hasattr(access.AccessLogGenerator, "wrote"):
        _redact(access.AccessLogGenerator)
    if sockets is not None and "onPing" not in vars(sockets.WebSocketProtocol):
        _answer_pings_within_bounds(sockets.WebSocketProtocol)
        _send_whatever_its_length(sockets.WebSocketProtocol)


def _redact(log: Any) -> None:
    """It is on unless --verbosity 0 is given, and goes past logging."""
    log.wrote = log.__call__

    def write(self: Any, protocol: str, action: str, details: dict[str, Any]) -> None:
        self.wrote(protocol, action, {**details, "path": shown_path(str(details["path"]))})

    log.__call__ = write


def _answer_pings_within_bounds(protocol: Any) -> None:
    """A newer pong stands for older ones (RFC 6455, section 5.5.3); unbounded, they would fill memory."""
    answer = protocol.onPing

    def on_ping(self: Any, payload: bytes) -> None:
        if _held(self.transport) <= MAXIMUM_HELD:
            answer(self, payload)

    protocol.onPing = on_ping


def _send_whatever_its_length(protocol: Any) -> None:
    """Daphne's limit of 1 MiB is meant for clients; by it Autobahn refuses what the server sends, too."""
    send = protocol.sendMessage

    def send_message(self: Any, *args: Any, **options: Any) -> None:
        limit, self.maxMessagePayloadSize = self.maxMessagePayloadSize, 0
        try:
            send(self, *args, **options)
        finally:
            self.maxMessagePayloadSize = limit

    protocol.sendMessage = send_message


def _held(transport: Any) -> int:
    if transport.disconnected:  # Twisted keeps what it could not send: whoever waited for room would for ever
        return 0
    held: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen  # noqa: SLF001 - see above
    return held


def _transport(send: Send) -> Any | None:
    """Daphne's send is `partial(server.handle_reply, protocol)`, and the protocol has a Twisted transport."""
    if not isinstance(send, functools.partial) or len(send.args) != 1:
        return None
    transport = getattr(send.args[0], "transport", None)
    return transport if hasattr(transport, "_tempDataLen") else None
