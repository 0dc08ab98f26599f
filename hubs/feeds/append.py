"""Writes events to feeds inside the caller's transaction, and wakes the workers once it is committed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
from django.db import connection, transaction
from django.utils import timezone

from hubs.feeds import payloads, wake
from hubs.models import Feed, FeedEvent


def append(feed: str, event: msgspec.Struct) -> int:
    """Appends `event` to the feed of that name; returns its number, counted from 1 without gaps.

    The event's name on the wire is its class name, its payload the struct's JSON. Call it last in the
    transaction: the feed's row stays locked until the commit. Raises TransactionManagementError outside
    of a transaction, because an event without its rows would be a lie.
    """
    return append_all([(feed, event)])[0]


def append_all(events: Iterable[tuple[str, msgspec.Struct]]) -> list[int]:
    """Appends to several feeds at once; returns the numbers in the order of the events.

    The feeds are locked in the order of their names, so that two transactions with the same feeds wait for
    each other instead of ending in a deadlock. That holds for one call: a transaction that appends to "b"
    and, in a call of its own, to "a" may be the one that the database ends.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("append() belongs into the transaction of the write.")
    rows = [(feed, _row(event)) for feed, event in events]
    if not rows:
        return []
    counts = Counter(feed for feed, _ in rows)
    places = _advance(counts)
    now = timezone.now()
    for feed, row in rows:
        row.feed_id, row.seq, row.at = places[feed].feed_id, places[feed].next(), now
    FeedEvent.objects.bulk_create([row for _, row in rows])
    heads = {feed: place.given for feed, place in places.items()}
    transaction.on_commit(lambda: _wake(heads), robust=True)
    return [row.seq for _, row in rows]


def _row(event: msgspec.Struct) -> FeedEvent:
    """All that can be said before the feed is locked."""
    return FeedEvent(
        name=payloads.name_of(event),
        payload=payloads.payload_of(event),
        schema=payloads.schema_of(type(event)),
        merge_key=payloads.merge_key_of(event),
    )


@dataclass(slots=True)
class _Place:
    """How far a feed's numbers have been given out."""

    feed_id: int
    given: int

    def next(self) -> int:
        self.given += 1
        return self.given


def _advance(counts: Mapping[str, int]) -> dict[str, _Place]:
    """Locks the feeds, makes those that are new, and moves each head by its count; returns where they were.

    One statement, because a feed's first event has a race: whoever comes second waits for the first one's
    row and then counts on from it. The rows are locked in the order in which they stand in the statement.
    """
    table = connection.ops.quote_name(Feed._meta.db_table)  # noqa: SLF001 - Django documents _meta
    names = sorted(counts)
    values = ", ".join(["(%s, 1, 0, %s)"] * len(names))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (name, epoch, floor, head) VALUES {values} "  # noqa: S608 - only marks
            f"ON CONFLICT (name) DO UPDATE SET head = {table}.head + excluded.head "
            "RETURNING id, name, head",
            [value for name in names for value in (name, counts[name])],
        )
        return {name: _Place(feed_id, head - counts[name]) for feed_id, name, head in cursor.fetchall()}


def _wake(heads: Mapping[str, int]) -> None:
    for feed, seq in heads.items():
        wake.wake(feed, seq)
