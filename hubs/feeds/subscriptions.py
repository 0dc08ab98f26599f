"""A connection's subscriptions: which feeds it follows, from which number on, and `self.feeds` in a hub."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from hubs.executor import run
from hubs.invocation import current_call
from hubs.models import Feed

if TYPE_CHECKING:
    from hubs.connection import Connection

T = TypeVar("T")


class Position(msgspec.Struct, frozen=True):
    """A place in a feed: everything up to `seq` is included."""

    feed: str
    epoch: int
    seq: int


@dataclass(slots=True, eq=False)
class Cursor:
    """How far one connection has been served of one feed. It moves only once it is `active`."""

    connection: "Connection"
    feed: str
    epoch: int
    served: int
    active: bool = False


class Subscriptions:
    """`self.feeds` of a hub."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    async def subscribe(self, feed: str, snapshot: Callable[[Position], T]) -> T:
        """Follows the feed and answers `snapshot(position)`, called in a thread.

        The number is read before the snapshot, so that the snapshot holds at least what the number says;
        the events behind it start to flow once the call's completion, which carries the snapshot, has been
        queued. Following a feed again starts afresh. Who may follow is for the action to decide before.
        """
        position, result = await run(_positioned, feed, snapshot)
        pump = self._connection.worker.pump
        cursor = Cursor(self._connection, feed, position.epoch, position.seq)
        pump.follow(cursor)
        current_call.get().when_completed.append(
            lambda succeeded: pump.activate(cursor) if succeeded else pump.unfollow(self._connection, feed)
        )
        return result

    async def unsubscribe(self, feed: str) -> None:
        """Follows the feed no longer; unknown feeds are nothing to complain about."""
        self._connection.worker.pump.unfollow(self._connection, feed)


def _positioned(feed: str, snapshot: Callable[[Position], T]) -> tuple[Position, T]:
    row = Feed.objects.filter(name=feed).values_list("epoch", "head").first()
    epoch, head = row or (1, 0)
    position = Position(feed, epoch, head)
    return position, snapshot(position)
