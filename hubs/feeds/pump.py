"""Moves the cursors of this worker's connections: reads the log once a feed, sends to all that follow it."""

import asyncio
import logging
import time
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hubs.conf import hubs_settings
from hubs.connection_tokens import shown
from hubs.errors import CloseReason
from hubs.executor import run
from hubs.feeds import log
from hubs.feeds.log import LoggedEvent
from hubs.feeds.subscriptions import Cursor
from hubs.protocol.messages import Invocation
from hubs.protocol.protocols import HubProtocol

if TYPE_CHECKING:
    from hubs.connection import Connection
    from hubs.registry import Registry

logger = logging.getLogger("hubs")


class Pump:
    """The feeds that are followed on this worker, and the loop that serves them."""

    def __init__(self, registry: "Registry") -> None:
        self._registry = registry
        self._cursors: dict[str, dict[Connection, Cursor]] = defaultdict(dict)
        self._due: set[str] = set()
        self._woken = asyncio.Event()
        self._all_due_at = 0.0
        self._beat_due_at = time.monotonic() + hubs_settings.HEARTBEAT_INTERVAL

    def follow(self, cursor: Cursor) -> None:
        """Adds the cursor, in place of an older one of that connection, and joins the feed's group."""
        self._cursors[cursor.feed][cursor.connection] = cursor
        self._registry.join(cursor.connection, cursor.feed)

    def activate(self, cursor: Cursor) -> None:
        """From now on the cursor moves; what came since its snapshot is due at once."""
        cursor.active = True
        self.wake(cursor.feed)

    def unfollow(self, connection: "Connection", feed: str) -> None:
        if self._cursors.get(feed, {}).pop(connection, None) is None:
            return
        self._registry.leave(connection, feed)
        if not self._cursors[feed]:
            del self._cursors[feed]

    def forget(self, connection: "Connection") -> None:
        """Ends all that the connection follows."""
        for feed in [feed for feed, cursors in self._cursors.items() if connection in cursors]:
            self.unfollow(connection, feed)

    def wake(self, feed: str) -> None:
        """Says that the feed may have grown; feeds that nobody follows here cost nothing."""
        if feed in self._cursors:
            self._due.add(feed)
            self._woken.set()

    async def run(self) -> None:
        """Serves for ever: woken feeds at once, all of them every FEED_POLL_INTERVAL.

        A round that fails is tried again by the next one: no wake-up, Redis or database that comes back
        late costs more than time.
        """
        while True:
            due = await self._next_round()
            try:
                await self._serve(due)
            except Exception:
                logger.exception("feeds could not be read", extra={"feeds": len(due)})
            else:
                self._beat()

    async def _next_round(self) -> set[str]:
        """The feeds to read: those that were woken, or all when it is time, however busy some of them are."""
        try:
            async with asyncio.timeout(self._all_due_at - time.monotonic()):
                await self._woken.wait()
        except TimeoutError:
            pass
        due, self._due = self._due, set()
        self._woken.clear()
        if time.monotonic() < self._all_due_at:
            return due
        self._all_due_at = time.monotonic() + hubs_settings.FEED_POLL_INTERVAL
        return set(self._cursors)

    def _beat(self) -> None:
        """After a successful read, every HEARTBEAT_INTERVAL: without it no screen may call itself live."""
        now = time.monotonic()
        if not self._cursors or now < self._beat_due_at:
            return
        self._beat_due_at = now + hubs_settings.HEARTBEAT_INTERVAL
        served: dict[Connection, dict[str, int]] = defaultdict(dict)
        for feed, cursors in self._cursors.items():
            for connection, cursor in cursors.items():
                if cursor.active:
                    served[connection][feed] = cursor.served
        at = datetime.now(UTC)
        for connection, feeds in served.items():
            connection.send(Invocation("Heartbeat", [{"serverTime": at, "feeds": feeds}]))

    async def _serve(self, feeds: set[str]) -> None:
        numbers = {feed: served for feed in feeds if (served := self._furthest_behind(feed)) is not None}
        if not numbers:
            return
        found = await run(log.events_after, numbers)
        for feed, events in found.items():
            self._deliver(feed, events)
            if len(events) == log.READ_AT_ONCE:
                self.wake(feed)

    def _furthest_behind(self, feed: str) -> int | None:
        return min(
            (each.served for each in self._cursors.get(feed, {}).values() if each.active), default=None
        )

    def _deliver(self, feed: str, events: list[LoggedEvent]) -> None:
        """Sends each cursor what is new to it; what is the same for many is encoded once."""
        encoded: dict[tuple[str, int, int, int], bytes] = {}
        for cursor in tuple(self._cursors.get(feed, {}).values()):
            if not cursor.active:
                continue
            try:
                _move(cursor, events, encoded)
            except Exception:
                # Its place is lost, and with it nobody else's: it comes back and starts from the rows.
                logger.exception("an event cannot be sent", extra={"connection": shown(cursor.connection.id)})
                cursor.active = False
                cursor.connection.close(CloseReason.SERVER_ERROR)


def _move(cursor: Cursor, events: list[LoggedEvent], encoded: dict[tuple[str, int, int, int], bytes]) -> None:
    for event in events:
        if event.seq > cursor.served:
            cursor.connection.send_encoded(_encoded(encoded, cursor, event))
            cursor.served = event.seq


def _encoded(cache: dict[tuple[str, int, int, int], bytes], cursor: Cursor, event: LoggedEvent) -> bytes:
    protocol = cursor.connection.protocol
    key = (protocol.NAME, cursor.epoch, cursor.served, event.seq)
    if key not in cache:
        cache[key] = _encode(protocol, cursor, event)
    return cache[key]


def _encode(protocol: HubProtocol, cursor: Cursor, event: LoggedEvent) -> bytes:
    envelope: dict[str, Any] = {
        "feed": cursor.feed,
        "epoch": cursor.epoch,
        "after": cursor.served,
        "seq": event.seq,
        "at": event.at,
    }
    return protocol.encode(Invocation(event.name, [protocol.embed(event.payload), envelope]))
