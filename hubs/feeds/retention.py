"""Takes old events out of the log, and begins a new epoch where the numbers may mean something else."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from hubs.conf import hubs_settings
from hubs.models import Feed, FeedEvent

# Events that one transaction deletes: writers wait for its end, on SQLite those of all feeds.
BATCH = 500


def prune_all() -> dict[str, int]:
    """Prunes every feed; the number of events deleted of each that lost some."""
    names = list(Feed.objects.order_by("name").values_list("name", flat=True))
    return {name: pruned for name in names if (pruned := prune(name))}


def prune(feed: str) -> int:
    """Deletes the events that FEED_RETENTION_SECONDS and _EVENTS no longer keep; returns how many.

    The oldest go first and none is left out, so that one number, the floor, says what is gone. The first
    event that is young enough ends it, whatever the clock said when those behind it were written.
    """
    pruned = 0
    while batch := _prune_batch(feed):
        pruned += batch
        if batch < BATCH:
            break
    return pruned


def cut(feed: str) -> int:
    """Begins a new epoch, which it returns: whoever followed the feed has to load it anew.

    For a database that was restored or reset: clients may hold numbers that are given out a second time. An
    epoch counts up to the time in seconds, because one more than a restored epoch may have been used as well.
    """
    with transaction.atomic():
        row = Feed.objects.select_for_update().get(name=feed)
        row.epoch = max(row.epoch + 1, int(timezone.now().timestamp()))
        row.floor = row.head
        row.save(update_fields=["epoch", "floor"])
    return row.epoch


def _prune_batch(feed: str) -> int:
    row = Feed.objects.get(name=feed)
    oldest = FeedEvent.objects.filter(feed=row).order_by("seq").values_list("seq", "at")[:BATCH]
    first_to_stay = max(row.floor, row.head - _events_kept(row)) + 1
    cutoff = _cutoff()
    last = 0
    for seq, at in oldest:
        if seq >= first_to_stay and not (cutoff and at < cutoff):
            break
        last = seq
    if not last:
        return 0
    with transaction.atomic():
        deleted, _ = FeedEvent.objects.filter(feed=row, seq__lte=last).delete()
        # Last, because from here on the feed's writers wait.
        Feed.objects.filter(pk=row.pk, floor__lt=last).update(floor=last)
    return deleted


def _events_kept(row: Feed) -> int:
    kept = hubs_settings.FEED_RETENTION_EVENTS
    return row.head if kept is None else int(kept)


def _cutoff() -> datetime | None:
    seconds = hubs_settings.FEED_RETENTION_SECONDS
    return None if seconds is None else timezone.now() - timedelta(seconds=seconds)
