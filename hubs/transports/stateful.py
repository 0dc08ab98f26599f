"""WebSockets one after the other under one connection: stateful reconnect's transport."""

import asyncio
import time

from hubs.conf import hubs_settings
from hubs.protocol.negotiation import WEB_SOCKETS
from hubs.transports.inbox import Inbox
from hubs.transports.websocket import WebSocketTransport

RESUMED = b""  # what `read` answers where a new socket begins; no socket's message is empty here


class StatefulTransport:
    """Carries a connection over the newest of its sockets; between two of them nothing is sent."""

    name = WEB_SOCKETS
    carries_binary = True
    pings = True

    def __init__(self) -> None:
        # Cleared when the client turns out not to speak stateful reconnect, or the connection is closed.
        self.may_resume = True
        self._inbox = Inbox()
        self._socket: WebSocketTransport | None = None
        self._task: asyncio.Task[object] | None = None
        self._detached_at: float | None = None

    @property
    def was_carried(self) -> bool:
        return self._task is not None

    @property
    def ended_cleanly(self) -> bool:
        return self._inbox.client_left

    def is_abandoned(self, now: float) -> bool:
        return self._detached_at is not None and now - self._detached_at > hubs_settings.DISCONNECT_TIMEOUT

    async def carry(self, socket: WebSocketTransport) -> None:
        """Reads an accepted socket to its end, in the task of its request. The newest socket wins."""
        former, is_first = self._task, self._task is None
        self._socket, self._task, self._detached_at = socket, asyncio.current_task(), None
        if former is not None:
            former.cancel()
        if not is_first:
            await self._inbox.mark(RESUMED)
        try:
            while (data := await socket.read()) is not None:
                await self._add(socket, data)
        except asyncio.CancelledError:
            if self._task is asyncio.current_task() and not self._inbox.has_ended:
                raise
            socket.abort()
        finally:
            self._detach(socket)

    async def _add(self, socket: WebSocketTransport, data: bytes) -> None:
        if not self._inbox.is_full:
            await self._inbox.add(data)
            return
        socket.pause()
        try:
            await self._inbox.add(data)
        finally:
            socket.resume()

    def _detach(self, socket: WebSocketTransport) -> None:
        if self._socket is not socket:
            return
        self._socket, self._detached_at = None, time.monotonic()
        if socket.ended_cleanly or not self.may_resume:
            self._inbox.end(client_left=socket.ended_cleanly)

    async def read(self) -> bytes | None:
        return await self._inbox.read()

    def pause(self) -> None:
        """What is read waits in the inbox; `_add` holds the socket back while that is full."""

    def resume(self) -> None:
        """See pause."""

    async def write(self, data: bytes, *, binary: bool) -> None:
        """Sends on the present socket; without one the message is lost here and repeated later."""
        socket = self._socket
        if socket is None:
            return
        try:
            await socket.write(data, binary=binary)
        except Exception:  # noqa: BLE001 - whatever a server raises here means that this socket is gone
            self._detach(socket)

    def abort(self) -> None:
        self.may_resume = False
        if self._socket is not None:
            self._socket.abort()
        self._end()

    async def close(self) -> None:
        self.may_resume = False
        socket = self._socket
        if socket is None:
            self._end()
        else:
            await socket.close()

    def release(self) -> None:
        """The connection is over: the last socket's request ends too."""
        self.may_resume = False
        self._end()

    def _end(self) -> None:
        self._inbox.end(client_left=False)
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
