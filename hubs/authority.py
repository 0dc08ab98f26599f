"""The feed of "the rights of user U changed": written with the change, heard before anything is sent."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from hubs import metrics
from hubs.executor import run
from hubs.feeds import log
from hubs.feeds.append import append_all
from hubs.feeds.heads import NO_EVENTS, Heads
from hubs.feeds.log import Head

# Early in the alphabet: a transaction that appends to several feeds locks them in the order of their names.
FEED = "authority"
# Seconds for which it is remembered whose rights have changed, longer than any handshake takes.
REMEMBERED = 120.0
READY_WITHIN = 10.0


class RightsChanged(msgspec.Struct, frozen=True):
    """What somebody may do is to be asked for again; it says not what has changed, the rows do."""

    user: str


def rights_changed(*users: Any) -> None:
    """Says in the caller's transaction that these users' rights changed; takes identifiers.

    Every worker renews the users' open connections before it delivers anything that is committed later.
    """
    append_all([(FEED, RightsChanged(user)) for user in sorted({str(user) for user in users})])


@dataclass(frozen=True, slots=True)
class Changes:
    """What was read: up to which head, and whose rights changed; None where that cannot be told any more."""

    head: Head
    users: frozenset[str] | None
    # The time of the first of the changes.
    since: datetime | None = None


def read(known: Head | None) -> Changes:
    """Whose rights have changed since that head; synchronous, and to be called after all else was read."""
    head = log.heads([FEED]).get(FEED, NO_EVENTS)
    if known is None or head == known:
        return Changes(head, frozenset())
    if head.epoch != known.epoch or not head.floor <= known.head <= head.head:
        return Changes(head, None)
    users: set[str] = set()
    since: datetime | None = None
    seq = known.head
    while seq < head.head:
        events = log.events_after({FEED: seq})[FEED]
        if not events or events[0].seq != seq + 1:
            return Changes(head, None)
        users |= {msgspec.json.decode(event.payload, type=RightsChanged).user for event in events}
        seq = events[-1].seq
        since = since or events[0].at
    return Changes(Head(head.epoch, head.floor, seq), frozenset(users), since)


class Authority:
    """How far one worker has followed the feed, and whose connections it has renewed lately."""

    def __init__(self, heads: Heads, renew: Callable[[Collection[str] | None], Awaitable[None]]) -> None:
        self._heads = heads
        # Renews the open connections of these users, of everybody for None.
        self._renew = renew
        self.head: Head | None = None
        self._changed: dict[str, float] = {}
        # What happened before is not in `_changed`.
        self._remembered_since = float("inf")
        self._is_ready = asyncio.Event()
        self._catching_up = asyncio.Lock()

    async def apply(self, changes: Changes, *, asked_at: float) -> None:
        """Renews whoever is concerned, and only then counts the changes as known.

        `asked_at` is a time before the reading began.
        """
        now = time.monotonic()
        if self.head is None:
            self._remembered_since = asked_at
        elif changes.users is None:
            self._remembered_since = now
            await self._renew(None)
        elif changes.users:
            self._changed.update(dict.fromkeys(changes.users, now))
            await self._renew(changes.users)
            if changes.since is not None:
                metrics.rights_lag((datetime.now(UTC) - changes.since).total_seconds())
        if self.head is None or changes.users is None or changes.head.head > self.head.head:
            self.head = changes.head
        self._forget(now - REMEMBERED)
        self._is_ready.set()

    async def catch_up(self) -> None:
        """Works through whatever was committed before this call; all who ask at the same time share it."""
        head = await self._heads.read(FEED)
        async with self._catching_up:
            if self.head is None or self.head.epoch != head.epoch or self.head.head < head.head:
                asked_at = time.monotonic()
                await self.apply(await run(read, self.head), asked_at=asked_at)

    async def ready(self) -> None:
        """Waits until the feed is followed at all. Raises TimeoutError where the database is away."""
        async with asyncio.timeout(READY_WITHIN):
            await self._is_ready.wait()

    def may_have_changed(self, user: str, since: float) -> bool:
        """Whether a change may have been worked through here since that time (of time.monotonic)."""
        return since <= self._remembered_since or self._changed.get(user, float("-inf")) >= since

    def _forget(self, before: float) -> None:
        if self._remembered_since < before:
            self._remembered_since = before
            self._changed = {user: at for user, at in self._changed.items() if at >= before}
