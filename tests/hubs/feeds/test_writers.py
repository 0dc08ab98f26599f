"""Many writers and readers at once, each with its own connection, on whatever database the tests run on."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection, transaction

from hubs.feeds import log
from hubs.feeds.append import append, append_all
from hubs.models import Feed, FeedEvent
from tests.hubs.feeds.events import ObservationRecorded

pytestmark = pytest.mark.django_db(transaction=True)

FEEDS = ["ward:cardio", "ward:icu", "ward:surgery"]
WRITERS = 20
T = TypeVar("T")


class ChangedMind(Exception):
    pass


def with_own_connection(work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        connection.close()


def write_and_regret(feed: str) -> None:
    with transaction.atomic():
        append(feed, ObservationRecorded("regretted"))
        raise ChangedMind


def write(feed: str, patient: str, regrets: int) -> int:
    """One event in one transaction; with 1 a savepoint in it is rolled back, with 2 another one before."""
    if regrets == 2:
        with pytest.raises(ChangedMind):
            write_and_regret(feed)
    with transaction.atomic():
        if regrets == 1:
            with pytest.raises(ChangedMind):
                write_and_regret(feed)
        return append(feed, ObservationRecorded(patient))


def written(writer: int, count: int) -> dict[tuple[str, int], str]:
    """What one writer has been told: the number of each of its events."""
    choice = random.Random(writer)
    told = {}
    for number in range(count):
        feed, patient, regrets = choice.choice(FEEDS), f"{writer}-{number}", choice.randrange(3)
        place = with_own_connection(lambda: write(feed, patient, regrets))  # noqa: B023 - called at once
        told[feed, place] = patient
    return told


def followed(done: threading.Event) -> dict[str, list[int]]:
    """The numbers in the order in which a reader comes to see them, from before the first to the last."""
    seen: dict[str, list[int]] = {feed: [] for feed in FEEDS}
    last_round = False
    while not last_round:
        last_round = done.is_set()
        held = {feed: numbers[-1] if numbers else 0 for feed, numbers in seen.items()}
        found = with_own_connection(lambda: log.events_after(held))  # noqa: B023 - called at once
        for feed, events in found.items():
            seen[feed] += [event.seq for event in events]
    return seen


def test_twenty_writers_leave_no_gap_and_no_reader_sees_a_number_before_the_one_below():
    done = threading.Event()
    with ThreadPoolExecutor(WRITERS + 2) as pool:
        readers = [pool.submit(followed, done) for _ in range(2)]
        try:
            told = [future.result() for future in [pool.submit(written, n, 10) for n in range(WRITERS)]]
        finally:
            done.set()
        seen = [reader.result() for reader in readers]
    heads = dict(Feed.objects.values_list("name", "head"))
    assert sum(heads.values()) == WRITERS * 10
    complete = {feed: list(range(1, heads[feed] + 1)) for feed in FEEDS}
    assert seen == [complete, complete]
    rows = FeedEvent.objects.values_list("feed__name", "seq", "payload")
    logged = {(feed, seq): payload for feed, seq, payload in rows}
    assert logged == {
        place: f'{{"patientId":"{patient}","spo2":97}}' for each in told for place, patient in each.items()
    }


def test_transfers_between_two_feeds_in_both_directions_do_not_wait_for_each_other_for_ever():
    def transfer(source: str, target: str) -> None:
        for _ in range(20):
            with transaction.atomic():
                append_all([(source, ObservationRecorded("left")), (target, ObservationRecorded("came"))])
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        directions = [("ward:icu", "ward:cardio"), ("ward:cardio", "ward:icu")] * 4
        for future in [pool.submit(transfer, *direction) for direction in directions]:
            future.result()
    assert dict(Feed.objects.values_list("name", "head")) == {"ward:cardio": 160, "ward:icu": 160}


def test_the_first_event_of_a_feed_may_be_written_by_many_at_once():
    start = threading.Barrier(8)

    def first(writer: int) -> int:
        start.wait()
        with transaction.atomic():
            number = append("ward:new", ObservationRecorded(str(writer)))
        connection.close()
        return number

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(first, range(8))) == list(range(1, 9))
