"""A program that prints what the database holds: the log of every feed, and the board of every ward."""

import sys

import django

django.setup()

import msgspec  # noqa: E402 - the apps must be loaded first

from clinical.events import ward_feed  # noqa: E402
from clinical.models import Ward  # noqa: E402
from clinical.services import board  # noqa: E402
from hubs.feeds.subscriptions import Position  # noqa: E402
from hubs.models import Feed, FeedEvent  # noqa: E402


class Logged(msgspec.Struct):
    """One event of the log."""

    seq: int
    name: str
    payload: msgspec.Raw
    merge_key: str
    at: float


class Ledger(msgspec.Struct):
    """All of it: events by feed, oldest first; heads by feed; snapshots by ward."""

    events: dict[str, list[Logged]]
    heads: dict[str, int]
    boards: dict[str, msgspec.Raw]


def written() -> Ledger:
    events: dict[str, list[Logged]] = {}
    for row in FeedEvent.objects.select_related("feed"):
        payload = msgspec.Raw(row.payload.encode())
        logged = Logged(row.seq, row.name, payload, getattr(row, "merge_key", ""), row.at.timestamp())
        events.setdefault(row.feed.name, []).append(logged)
    return Ledger(events, dict(Feed.objects.values_list("name", "head")), _boards())


def _boards() -> dict[str, msgspec.Raw]:
    boards = {}
    for ward in Ward.objects.all():
        snapshot = board.snapshot(ward, Position(ward_feed(ward.pk), 1, 0))
        boards[ward.pk] = msgspec.Raw(msgspec.json.encode(snapshot))
    return boards


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(written()))
