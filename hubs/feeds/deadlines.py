"""Which of the cursors followed here have a grant that ends by itself, and when the next of them is due."""

from hubs.feeds.cursors import Cursor
from hubs.feeds.grants import FOR_EVER


class Deadlines:
    """The cursors of one worker whose grants have a deadline: few, beside those that last."""

    def __init__(self) -> None:
        self._watched: set[Cursor] = set()

    def watch(self, cursor: Cursor) -> None:
        """Called whenever a cursor has got another grant."""
        if cursor.grant.deadline < FOR_EVER:
            self._watched.add(cursor)
        else:
            self._watched.discard(cursor)

    def forget(self, cursor: Cursor | None) -> None:
        if cursor is not None:
            self._watched.discard(cursor)

    @property
    def next(self) -> float:
        """When the first of them is due, as time.monotonic() counts."""
        return min((cursor.grant.deadline for cursor in self._watched), default=FOR_EVER)

    def due(self) -> list[Cursor]:
        return [cursor for cursor in self._watched if cursor.grant.is_due]
