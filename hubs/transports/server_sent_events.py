"""The Server-Sent Events transport: one streamed answer to a GET; the client sends by POST."""

import asyncio

from hubs.auth import Receive, Send
from hubs.protocol.negotiation import SERVER_SENT_EVENTS
from hubs.transports import daphne
from hubs.transports.inbox import Inbox

HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-store"),
    (b"pragma", b"no-cache"),
    (b"content-encoding", b"identity"),
    (b"x-accel-buffering", b"no"),  # nginx would hold the events back
]


class ServerSentEventsTransport:
    """Carries a connection over one event stream; text protocols only."""

    name = SERVER_SENT_EVENTS
    carries_binary = False
    pings = True

    def __init__(self, inbox: Inbox, receive: Receive, send: Send, server_send: Send) -> None:
        self.inbox = inbox
        self._receive = receive
        self._send = send
        # The server's own send, which the CORS headers do not wrap.
        self._server_send = server_send
        self._ended = False

    @property
    def ended_cleanly(self) -> bool:
        return self.inbox.client_left

    def is_abandoned(self, now: float) -> bool:
        return False

    async def open(self) -> None:
        """Sends the headers and a comment, at which the client's `onopen` fires."""
        await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await self._send({"type": "http.response.body", "body": b":\r\n\r\n", "more_body": True})

    async def watch(self) -> None:
        """Ends the inbox when the client has gone; runs beside the connection."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.inbox.end(client_left=False)

    async def read(self) -> bytes | None:
        return await self.inbox.read()

    def pause(self) -> None:
        """A full inbox makes the posts wait by itself."""

    def resume(self) -> None:
        """See pause."""

    async def write(self, data: bytes, *, binary: bool) -> None:
        """One event: a line feed inside would end its line, so each line gets its own field."""
        await daphne.room(self._server_send)
        lines = b"\r\ndata: ".join(data.split(b"\n"))
        await self._send(
            {"type": "http.response.body", "body": b"data: " + lines + b"\r\n\r\n", "more_body": True}
        )

    def abort(self) -> None:
        self._ended = True  # an end of the stream would wait for the very client that does not read
        daphne.abort(self._server_send)
        self.inbox.end(client_left=False)

    async def close(self) -> None:
        if not self._ended:
            self._ended = True
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            self.inbox.end(client_left=False)


def watching(transport: ServerSentEventsTransport) -> "asyncio.Task[None]":
    """Starts the watch; the caller owns and cancels it."""
    return asyncio.get_running_loop().create_task(transport.watch())
