"""Writes an event to a feed inside the caller's transaction, and wakes the workers once it is committed."""

import msgspec
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from hubs.feeds import wake
from hubs.models import Feed, FeedEvent


def append(feed: str, event: msgspec.Struct) -> int:
    """Appends `event` to the feed of that name; returns its number, counted from 1 without gaps.

    The event's name on the wire is its class name, its payload the struct's JSON. Call it last in the
    transaction: the feed's row stays locked until the commit. Raises TransactionManagementError outside
    of a transaction, because an event without its rows would be a lie.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("append() belongs into the transaction of the write.")
    Feed.objects.get_or_create(name=feed)
    Feed.objects.filter(name=feed).update(head=F("head") + 1)  # takes the row's lock
    row = Feed.objects.get(name=feed)
    FeedEvent.objects.create(
        feed=row,
        seq=row.head,
        name=type(event).__name__,
        payload=msgspec.json.encode(event).decode(),
        at=timezone.now(),
    )
    transaction.on_commit(lambda: wake.wake(feed, row.head), robust=True)
    return row.head
