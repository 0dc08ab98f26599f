"""One feed that is followed on this worker: its cursors, and the events that some of them still need."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from hubs import metrics
from hubs.connection_tokens import shown
from hubs.errors import CloseReason
from hubs.feeds import batches
from hubs.feeds.batches import Batch
from hubs.feeds.cursors import Cursor
from hubs.feeds.heads import NO_EVENTS
from hubs.feeds.log import Head, LoggedEvent
from hubs.protocol.messages import Invocation

if TYPE_CHECKING:
    from hubs.connection import Connection

logger = logging.getLogger("hubs")

# Events that are kept for slow readers; who is further behind is told to reload.
MAXIMUM_KEPT = 1000

# Why a feed ends on a connection that stays: the client must subscribe again, may not any more, or comes
# again when the database can be asked.
RESYNC = "resync"
FORBIDDEN = "forbidden"
UNAVAILABLE = "unavailable"


class FollowedFeed:
    """Nothing here waits or reads: the pump hands over what it has read."""

    def __init__(self, name: str, wake: Callable[[], None]) -> None:
        self.name = name
        self.cursors: dict[Connection, Cursor] = {}
        self.head: Head = NO_EVENTS
        # Called when a socket that was backed up has room again.
        self._wake = wake
        # The events behind `_start`, without a gap; they end where the next reading begins.
        self._events: list[LoggedEvent] = []
        self._start = 0

    @property
    def read_to(self) -> int:
        return self._start + len(self._events)

    @property
    def waiting(self) -> int:
        """Events that are kept because somebody has not had them yet."""
        return len(self._events)

    def add(self, cursor: Cursor) -> None:
        """In place of an older cursor of that connection. What it needs and is gone here is read again."""
        if not self.cursors or cursor.served < self._start:
            self._begin_at(cursor.served)
        self.cursors[cursor.connection] = cursor

    def remove(self, connection: "Connection") -> None:
        self.cursors.pop(connection, None)

    def take(self, head: Head, after: int, events: Sequence[LoggedEvent]) -> None:
        """Keeps what was read: where the feed stands, and then the events behind `after`."""
        self.head = head
        if after != self.read_to:
            self._wake()  # a cursor that needs older events has come meanwhile
            return
        if events and events[0].seq != after + 1:
            self._begin_at(events[0].seq - 1)  # cut away: whoever stands before it has lost something
        elif not events and head.floor > after:
            self._begin_at(head.floor)
        self._events += events
        if self.read_to < head.head and events:
            self._wake()

    def deliver(self, cursors: Iterable[Cursor]) -> list[Cursor]:
        """Moves those cursors that may move; answers the ones whose history is lost."""
        lost: list[Cursor] = []
        encoded: dict[tuple[object, ...], Batch] = {}
        count = 0
        for cursor in cursors:
            if not cursor.active or self.cursors.get(cursor.connection) is not cursor:
                continue
            try:
                if self._is_lost(cursor):
                    lost.append(cursor)
                else:
                    count += self._move(cursor, encoded)
            except batches.UnknownShape:
                lost.append(cursor)
            except Exception:
                # Its place is lost, and with it nobody else's: it comes back and starts from the rows.
                logger.exception("an event cannot be sent", extra={"connection": shown(cursor.connection.id)})
                cursor.active = False
                cursor.connection.close(CloseReason.SERVER_ERROR)
        if count:
            metrics.delivered("feed", count)
        self._trim()
        return lost

    def _is_lost(self, cursor: Cursor) -> bool:
        return (
            cursor.epoch != self.head.epoch or cursor.served > self.head.head or cursor.served < self._start
        )

    def _move(self, cursor: Cursor, encoded: dict[tuple[object, ...], Batch]) -> int:
        """Sends what is new to the cursor; the number of messages."""
        connection = cursor.connection
        if cursor.served >= self.read_to or cursor.grant.is_due:
            return 0
        if connection.is_backed_up:
            cursor.is_behind = True
            connection.when_drained(self._wake)
            return 0
        place = (cursor.told, cursor.served, cursor.is_behind)
        key = (connection.hub, connection.protocol.NAME, cursor.grant.view, *place)
        if key not in encoded:
            encoded[key] = batches.encode(cursor, self._events[cursor.served - self._start :])
        batch = encoded[key]
        cursor.served, cursor.told = batch.served, batch.told
        if cursor.served < self.read_to:
            connection.when_drained(self._wake)
        else:
            cursor.is_behind = False
        connection.send_batch(batch.messages, batch.frames)
        return len(batch.messages)

    def end(self, cursor: Cursor, reason: str) -> None:
        """Tells the client that the feed flows no longer on its connection, and why."""
        cursor.connection.send(Invocation("FeedEnded", [{"feed": self.name, "reason": reason}]))
        metrics.feed_ended(reason)

    def _begin_at(self, seq: int) -> None:
        self._start, self._events = seq, []

    def _trim(self) -> None:
        """Lets go of what everybody has had, and of what is too old to wait for anybody."""
        needed = min((cursor.served for cursor in self.cursors.values()), default=self.read_to)
        gone = max(needed - self._start, len(self._events) - MAXIMUM_KEPT)
        if gone > 0:
            gone = min(gone, len(self._events))
            del self._events[:gone]
            self._start += gone
