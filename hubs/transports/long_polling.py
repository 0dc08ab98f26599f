"""The long polling transport: a poll takes what has gathered or waits for it; the client sends by POST."""

import asyncio
import time
from dataclasses import dataclass

from hubs.conf import hubs_settings
from hubs.protocol.negotiation import LONG_POLLING
from hubs.transports.inbox import Inbox

MAXIMUM_GATHERED = 65_536  # bytes; then whoever writes waits for the next poll


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """What a poll is answered: 200 with data or none, 204 for "it is over" or "a newer poll has come"."""

    status: int
    data: bytes = b""


class LongPollingTransport:
    """Carries a connection over polls that come one after the other."""

    name = LONG_POLLING
    carries_binary = True
    pings = False

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self._gathered = b""
        self._closed = False
        self.was_deleted = False
        self._is_first = True
        self._waiting: asyncio.Future[None] | None = None
        self._taken = asyncio.Event()
        self._polls = 0
        self._idle_since = time.monotonic()

    @property
    def ended_cleanly(self) -> bool:
        return self.inbox.client_left

    def seconds_unasked(self) -> float:
        """For how long no poll has been open."""
        return time.monotonic() - self._idle_since if self._polls == 0 else 0.0

    def is_abandoned(self, now: float) -> bool:
        return self._polls == 0 and now - self._idle_since > hubs_settings.DISCONNECT_TIMEOUT

    async def poll(self) -> PollAnswer:
        """Answers one poll; cancelled when its client goes away, and then nothing is lost."""
        self._end_older_poll()
        if self._is_first:
            self._is_first = False
            return PollAnswer(200)
        self._polls += 1
        try:
            return await self._next()
        finally:
            self._polls -= 1
            self._idle_since = time.monotonic()

    async def _next(self) -> PollAnswer:
        if not self._gathered and not self._closed:
            self._waiting = waiting = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(hubs_settings.POLL_TIMEOUT):
                    await waiting
            except TimeoutError:
                return PollAnswer(200)
            if self._waiting is not waiting:
                return PollAnswer(204)  # a newer poll has taken over
        if self._gathered:
            data, self._gathered = self._gathered, b""
            self._taken.set()
            return PollAnswer(200, data)
        self.inbox.end(client_left=False)
        return PollAnswer(204)

    async def read(self) -> bytes | None:
        return await self.inbox.read()

    def pause(self) -> None:
        """A full inbox makes the posts wait by itself."""

    def resume(self) -> None:
        """See pause."""

    async def write(self, data: bytes, *, binary: bool) -> None:
        self._gathered += data
        self._wake()
        while len(self._gathered) > MAXIMUM_GATHERED and not self._closed:
            self._taken.clear()
            await self._taken.wait()

    def abort(self) -> None:
        self._gathered = b""
        self.end()

    async def close(self) -> None:
        """What has gathered is still delivered; the poll after that is answered with 204."""
        self._closed = True
        self._taken.set()
        self._wake()

    def end(self) -> None:
        """The client has sent DELETE: from now on its id is unknown."""
        self.was_deleted = True
        self._closed = True
        self._taken.set()
        self._wake()
        self.inbox.end(client_left=True)

    def _end_older_poll(self) -> None:
        older, self._waiting = self._waiting, None
        if older is not None and not older.done():
            older.set_result(None)

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
