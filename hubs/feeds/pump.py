"""The loop that serves the feeds followed on this worker: reads the log once, and moves the cursors."""

import asyncio
import dataclasses
import functools
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hubs import authority, metrics, rights
from hubs.authority import Authority
from hubs.conf import hubs_settings
from hubs.executor import run
from hubs.feeds import log
from hubs.feeds.cursors import Cursor
from hubs.feeds.deadlines import Deadlines
from hubs.feeds.followed import FORBIDDEN, RESYNC, UNAVAILABLE, FollowedFeed
from hubs.feeds.heads import NO_EVENTS, Heads
from hubs.feeds.log import Head, LoggedEvent
from hubs.feeds.shared import SharedAnswers
from hubs.protocol.messages import Invocation

if TYPE_CHECKING:
    from hubs.connection import Connection
    from hubs.registry import Registry

logger = logging.getLogger("hubs")


class Pump:
    """Which feeds are followed here, which of them are due, and the rounds that serve them."""

    def __init__(
        self, registry: "Registry", renew: Callable[[Collection[str] | None], Awaitable[None]]
    ) -> None:
        self._registry = registry
        self._feeds: dict[str, FollowedFeed] = {}
        # Of each connection, the feeds that it follows.
        self._followed: dict[Connection, set[str]] = defaultdict(set)
        self.heads = Heads()
        self.authority = Authority(self.heads, renew)
        self.answers = SharedAnswers()
        self._deadlines = Deadlines()
        self._due: set[str] = set()
        self._woken = asyncio.Event()
        self._is_reading = True
        # Since when the database owes an answer, also one that it will not refuse but never give.
        self._asked_since: float | None = None
        self._all_due_at = 0.0
        self._beat_due_at = time.monotonic() + hubs_settings.HEARTBEAT_INTERVAL

    def follow(self, cursor: Cursor) -> None:
        """Adds the cursor, in place of an older one of that connection, and joins the feed's group."""
        name, connection = cursor.feed, cursor.connection
        if name not in self._feeds:
            self._feeds[name] = FollowedFeed(name, functools.partial(self.wake, name))
        self._deadlines.forget(self._feeds[name].cursors.get(connection))
        self._feeds[name].add(cursor)
        self._watch(cursor)
        self._followed[connection].add(name)
        self._registry.join(connection, name)

    def activate(self, cursor: Cursor) -> None:
        """From now on the cursor moves; what came since its number is due at once."""
        cursor.active = True
        self.wake(cursor.feed)

    def drop(self, cursor: Cursor) -> None:
        """Ends what this cursor follows, unless another has taken its place."""
        followed = self._feeds.get(cursor.feed)
        if followed is not None and followed.cursors.get(cursor.connection) is cursor:
            self.unfollow(cursor.connection, cursor.feed)

    def unfollow(self, connection: "Connection", feed: str) -> None:
        if feed not in self._followed.get(connection, ()):
            return
        self._followed[connection].discard(feed)
        if not self._followed[connection]:
            del self._followed[connection]
        self._deadlines.forget(self._feeds[feed].cursors.get(connection))
        self._feeds[feed].remove(connection)
        self._registry.leave(connection, feed)
        if not self._feeds[feed].cursors:
            del self._feeds[feed]

    def forget(self, connection: "Connection") -> None:
        """Ends all that the connection follows."""
        for feed in tuple(self._followed.get(connection, ())):
            self.unfollow(connection, feed)

    def wake(self, feed: str, seq: int | None = None) -> None:
        """Says that the feed may have grown, to `seq`; what is not followed here or known costs nothing."""
        followed = self._feeds.get(feed)
        if feed == authority.FEED or (followed is not None and (seq is None or seq > followed.read_to)):
            self._due.add(feed)
            self._woken.set()

    async def run(self) -> None:
        """Serves for ever: woken feeds at once, all of them every FEED_POLL_INTERVAL.

        A round that fails is tried again by the next one: no wake-up, Redis or database that comes back
        late costs more than time.
        """
        while True:
            due = await self._next_round()
            self._asked_since = self._asked_since or time.monotonic()
            try:
                await self._serve(due)
            except Exception as error:  # noqa: BLE001 - a database may fail in any way
                self._failed(error)
            else:
                self._asked_since = None
                if not self._is_reading:
                    logger.info("feeds are read again")
                self._is_reading = True
                self._beat()

    @property
    def is_blind(self) -> bool:
        """Whether rights and feeds could not be read for longer than AUTHORITY_TIMEOUT."""
        asked = self._asked_since
        return asked is not None and time.monotonic() - asked > hubs_settings.AUTHORITY_TIMEOUT

    def end_all(self) -> int:
        """Ends what has been followed here for that long, until it is followed again; how much it was."""
        before = time.monotonic() - hubs_settings.AUTHORITY_TIMEOUT
        everything = (cursor for feed in self._feeds.values() for cursor in feed.cursors.values())
        cursors = [cursor for cursor in everything if cursor.made_at < before]
        for cursor in cursors:
            self._feeds[cursor.feed].end(cursor, UNAVAILABLE)
            self.unfollow(cursor.connection, cursor.feed)
        return len(cursors)

    def _failed(self, error: Exception) -> None:
        """Counts every round and logs the first of an outage: the next line about it is that it is over."""
        metrics.feeds_unreadable()
        if self._is_reading:
            logger.error("feeds could not be read", exc_info=error)
        self._is_reading = False

    async def _next_round(self) -> set[str]:
        """The feeds to read: those that were woken, or all when it is time, however busy some of them are.

        Without any, when a grant is to be asked for again; not in an outage, which would then have no pause.
        """
        until = min(self._all_due_at, self._deadlines.next) if self._is_reading else self._all_due_at
        try:
            async with asyncio.timeout(until - time.monotonic()):
                await self._woken.wait()
        except TimeoutError:
            pass
        due, self._due = self._due, set()
        self._woken.clear()
        if time.monotonic() < self._all_due_at:
            return due
        self._all_due_at = time.monotonic() + hubs_settings.FEED_POLL_INTERVAL
        return set(self._feeds)

    async def review(self, connection: "Connection") -> None:
        """Asks for each grant of the connection again; what is refused ends, and the client is told."""
        for name in tuple(self._followed.get(connection, ())):
            followed = self._feeds.get(name)
            cursor = followed.cursors.get(connection) if followed is not None else None
            if cursor is None:
                continue  # the client has left it, or all, while it was asked for another one
            asked = cursor.grant
            renewed = await asked.renewed()
            followed = self._feeds.get(name)
            if followed is None or followed.cursors.get(connection) is not cursor:
                continue
            if renewed is not None:
                until = renewed.deadline
                if cursor.grant is not asked:  # the answer beside this one may be the younger
                    until = min(until, cursor.grant.deadline)
                view = connection.instance.feed_view(name)
                cursor.grant = dataclasses.replace(renewed, view=view, deadline=until)
                self._watch(cursor)
            else:
                followed.end(cursor, FORBIDDEN)
                self.unfollow(connection, name)

    def _watch(self, cursor: Cursor) -> None:
        self._deadlines.watch(cursor)
        if cursor.grant.deadline < self._all_due_at:
            self._woken.set()  # it ends before the round that is waited for

    async def _ask_again(self) -> None:
        """Asks for the grants whose time is up; until then their cursors have not moved."""
        for cursor in self._deadlines.due():
            try:
                await self.review(cursor.connection)
            except Exception as error:  # noqa: BLE001 - a database or a class may fail in any way
                rights.end_unread(cursor.connection, error)
            self.wake(cursor.feed)

    async def _serve(self, due: set[str]) -> None:
        """One reading for all cursors of the feeds that are due, and one of the authority behind it.

        Only cursors that stood before the reading began are moved: the head that was read may be older
        than the number of one that has come meanwhile, and would make it look as if history were lost.
        """
        feeds = {name: self._feeds[name] for name in due if name in self._feeds}
        cursors = {name: tuple(feed.cursors.values()) for name, feed in feeds.items()}
        places = {name: feed.read_to for name, feed in feeds.items()}
        asked_at = time.monotonic()
        found, changes = await run(_read, places, self.authority.head)
        # Whoever lost a right before an event was committed has lost it before the event is sent.
        await self.authority.apply(changes, asked_at=asked_at)
        await self._ask_again()
        for name, (head, events) in found.items():
            feeds[name].take(head, places[name], events)
            for cursor in feeds[name].deliver(cursors[name]):
                feeds[name].end(cursor, RESYNC)
                self.unfollow(cursor.connection, name)
            if events:
                metrics.feed_lag((datetime.now(UTC) - events[-1].at).total_seconds())
        metrics.feeds_behind(sum(feed.waiting for feed in self._feeds.values()))

    def _beat(self) -> None:
        """After a successful read, every HEARTBEAT_INTERVAL: without it no screen may call itself live."""
        now = time.monotonic()
        if now < self._beat_due_at:
            return
        self._beat_due_at = now + hubs_settings.HEARTBEAT_INTERVAL
        at = datetime.now(UTC)
        encoded: dict[tuple[object, ...], bytes] = {}
        for connection, names in self._followed.items():
            cursors = [self._feeds[name].cursors[connection] for name in names]
            served = {cursor.feed: cursor.served for cursor in cursors if cursor.active}
            if not served or connection.is_backed_up or not connection.is_open:
                continue  # a sign of life that waits behind others would be none
            key = (connection.protocol.NAME, *sorted(served.items()))
            if key not in encoded:
                beat = Invocation("Heartbeat", [{"serverTime": at, "feeds": served}])
                encoded[key] = connection.protocol.encode(beat)
            connection.send_encoded(encoded[key])


def _read(
    places: Mapping[str, int], known: Head | None
) -> tuple[dict[str, tuple[Head, Sequence[LoggedEvent]]], authority.Changes]:
    """Where the feeds stand, what is new in those that have grown, and, behind that, whose rights changed."""
    heads = log.heads(places) if places else {}
    grown = {
        name: seq for name, seq in places.items() if (head := heads.get(name)) is not None and head.head > seq
    }
    events = log.events_after(grown) if grown else {}
    found: dict[str, tuple[Head, Sequence[LoggedEvent]]] = {
        name: (heads.get(name, NO_EVENTS), events.get(name, ())) for name in places
    }
    return found, authority.read(known)
