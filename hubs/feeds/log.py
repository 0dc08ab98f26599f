"""Reads the log of feeds: heads and events, in as few queries as there are questions; synchronous."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from hubs.models import Feed, FeedEvent

READ_AT_ONCE = 500  # events of a feed; what is behind is read in the next round


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One event as it stands in the log."""

    seq: int
    name: str
    payload: bytes
    at: datetime
    # The version of the payload's shape, and what a newer event of the same name replaces ("": nothing).
    schema: int = 1
    merge_key: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a feed stands: the events with floor < seq <= head are in the log."""

    epoch: int
    floor: int
    head: int


def heads(feeds: Iterable[str]) -> dict[str, Head]:
    """Where each feed stands that has had an event, in one query."""
    rows = Feed.objects.filter(name__in=list(feeds)).values_list("name", "epoch", "floor", "head")
    return {name: Head(epoch, floor, head) for name, epoch, floor, head in rows}


def events_after(numbers: Mapping[str, int]) -> dict[str, list[LoggedEvent]]:
    """The events behind each feed's number, oldest first, READ_AT_ONCE at the most; a query a feed.

    Where retention has just been, the first of them is not the next number: whoever needs them all compares.
    """
    return {feed: _events_after(feed, seq) for feed, seq in numbers.items()}


def _events_after(feed: str, seq: int) -> list[LoggedEvent]:
    rows = (
        FeedEvent.objects.filter(feed__name=feed, seq__gt=seq)
        .order_by("seq")
        .values_list("seq", "name", "payload", "at", "schema", "merge_key")[:READ_AT_ONCE]
    )
    return [
        LoggedEvent(number, name, payload.encode(), at, schema, merge_key)
        for number, name, payload, at, schema, merge_key in rows
    ]
