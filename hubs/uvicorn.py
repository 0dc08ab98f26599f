"""Runs uvicorn for hubs: `python -m hubs.uvicorn config.asgi:application --port 8000`."""

import argparse
import socket
import sys

import uvicorn
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

CLOSE_WITHOUT_CODE = b"\x88\x00"
CLOSE_1000 = b"\x88\x02\x03\xe8"
MAXIMUM_HELD = 65_536  # bytes that wait for a client
MAXIMUM_MESSAGE = 262_144  # bytes; hubs have a smaller limit of their own and say so


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own, but a client that closes without a code is answered with 1000, as SignalR does."""

    def handle_close(self, event: Frame) -> None:
        if not event.data and not self.close_sent and not self.transport.is_closing():
            output = b"".join(self.conn.data_to_send())
            self.transport.write(output.replace(CLOSE_WITHOUT_CODE, CLOSE_1000))
        super().handle_close(event)

    def data_received(self, data: bytes) -> None:
        """A request that is no upgrade, its line too long, say: uvicorn would hold it without an answer."""
        super().data_received(data)
        if self.conn.handshake_exc is not None:
            self.transport.close()

    def handle_ping(self) -> None:
        """A newer pong stands for older ones (RFC 6455, section 5.5.3); unbounded, they fill memory."""
        if self.transport.get_write_buffer_size() > MAXIMUM_HELD:
            self.conn.data_to_send()
        else:
            super().handle_ping()

    async def send(self, message: ASGISendEvent) -> None:
        """After a refusal uvicorn would report an application that has forgotten to answer."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve an ASGI application with hubs.")
    parser.add_argument("application", help="module:attribute")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--fd", type=int, help="a listening socket that is open already")
    options = parser.parse_args()
    config = uvicorn.Config(
        options.application,
        host=options.host,
        port=options.port,
        ws=WebSocketProtocol,
        ws_max_size=MAXIMUM_MESSAGE,
        # Every browser offers it, and a socket that takes it holds twice the memory.
        ws_per_message_deflate=False,
        lifespan="off",
        # Its access log prints query strings, and with them tokens; Django's LOGGING formats the rest.
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=5,
    )
    # Given the number alone, uvicorn takes it for a Unix socket: then asyncio leaves Nagle's algorithm on,
    # and small answers wait 40 ms for the client's acknowledgement.
    sockets = None if options.fd is None else [socket.socket(fileno=options.fd)]
    server = uvicorn.Server(config)
    server.listens_alone = sockets is None  # type: ignore[attr-defined] # for hubs.listeners
    server.run(sockets)
    if not server.started:
        sys.exit(1)


if __name__ == "__main__":
    main()
