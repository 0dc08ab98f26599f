"""The log keeps what the settings say, and one number says what is gone."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hubs.executor import run
from hubs.feeds import log, retention
from hubs.feeds.log import Head
from hubs.models import Feed, FeedEvent
from hubs.testing import HubCommunicator
from tests.hubs.feeds.events import record
from tests.hubs.feeds.test_resume import Board

pytestmark = pytest.mark.django_db(transaction=True)

ICU = "ward:icu"


def keep(settings, *, seconds: float | None = None, events: int | None = None) -> None:
    settings.HUBS = {**settings.HUBS, "FEED_RETENTION_SECONDS": seconds, "FEED_RETENTION_EVENTS": events}


def age(*numbers: int, hours: float = 2) -> None:
    FeedEvent.objects.filter(seq__in=numbers).update(at=timezone.now() - timedelta(hours=hours))


def numbers(feed: str = ICU) -> list[int]:
    return list(FeedEvent.objects.filter(feed__name=feed).order_by("seq").values_list("seq", flat=True))


def floor_and_head(feed: str = ICU) -> tuple[int, int]:
    head = log.heads([feed])[feed]
    return head.floor, head.head


def test_what_is_older_than_the_setting_goes_and_the_floor_says_so(settings):
    keep(settings, seconds=3600)
    record(ICU, *"abcd")
    age(1, 2)
    assert retention.prune(ICU) == 2
    assert (numbers(), floor_and_head()) == ([3, 4], (2, 4))


def test_more_than_the_setting_allows_goes_however_young(settings):
    keep(settings, events=2)
    record(ICU, *"abcde")
    assert retention.prune(ICU) == 3
    assert (numbers(), floor_and_head()) == ([4, 5], (3, 5))


def test_whichever_of_the_two_keeps_less_decides(settings):
    keep(settings, seconds=3600, events=3)
    record(ICU, *"abcde")
    age(1)
    retention.prune(ICU)
    assert numbers() == [3, 4, 5]


def test_without_limits_everything_stays(settings):
    keep(settings)
    record(ICU, *"abc")
    age(1, 2, 3, hours=1_000_000)
    assert retention.prune(ICU) == 0
    assert floor_and_head() == (0, 3)


@pytest.mark.parametrize("limits", [{"seconds": 3600}, {"events": 0}])
def test_a_feed_may_lose_all_of_its_events_and_counts_on_from_its_head(settings, limits):
    keep(settings, **limits)
    record(ICU, *"abc")
    age(1, 2, 3)
    assert retention.prune(ICU) == 3
    assert (numbers(), floor_and_head()) == ([], (3, 3))
    assert record(ICU, "d") == 4


def test_a_clock_that_was_set_back_makes_no_hole(settings):
    keep(settings, seconds=3600)
    record(ICU, *"abcd")
    age(1, 3)
    retention.prune(ICU)
    assert (numbers(), floor_and_head()) == ([2, 3, 4], (1, 4))


def test_it_goes_in_batches_each_of_which_leaves_a_true_floor(settings, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 4)
    keep(settings, events=1)
    record(ICU, *map(str, range(10)))
    original = retention._prune_batch
    after = []

    def watched(feed):
        deleted = original(feed)
        after.append((deleted, numbers()[0], floor_and_head()[0]))
        return deleted

    monkeypatch.setattr(retention, "_prune_batch", watched)
    assert retention.prune(ICU) == 9
    assert after == [(4, 5, 4), (4, 9, 8), (1, 10, 9)]


def test_a_batch_locks_the_feed_with_its_last_statement_only(settings):
    keep(settings, events=0)
    record(ICU, "a")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        retention.prune(ICU)
    changes = [query["sql"].split()[0] for query in queries if not query["sql"].startswith("SELECT")]
    assert changes == ["BEGIN", "DELETE", "UPDATE", "COMMIT"]


def test_feeds_are_pruned_one_by_one_and_only_those_that_have_to(settings):
    keep(settings, events=2)
    record(ICU, *"abc")
    record("ward:cardio", *"ab")
    assert retention.prune_all() == {ICU: 1}


def test_retention_does_not_touch_the_epoch(settings):
    keep(settings, events=0)
    record(ICU, "a")
    retention.prune(ICU)
    assert log.heads([ICU])[ICU] == Head(epoch=1, floor=1, head=1)


def test_after_a_cut_no_number_of_before_is_worth_anything(settings):
    keep(settings, events=100)
    record(ICU, *"abc")
    epoch = retention.cut(ICU)
    assert log.heads([ICU])[ICU] == Head(epoch=epoch, floor=3, head=3)
    assert record(ICU, "d") == 4
    assert retention.prune(ICU) == 3
    assert numbers() == [4]


def test_an_epoch_of_a_lost_history_does_not_come_back_with_a_backup():
    record(ICU, "a")
    lost = retention.cut(ICU)
    Feed.objects.update(epoch=1)  # as the backup has it, from before that cut
    assert retention.cut(ICU) >= lost > 1_000_000_000
    assert retention.cut(ICU) > lost


async def test_who_stands_at_the_floor_comes_back_as_if_nothing_were_gone_and_who_stands_below_reloads(
    settings,
):
    keep(settings, events=2)
    await run(record, ICU, *"abcd")
    await run(retention.prune, ICU)
    async with HubCommunicator(Board) as client:
        answer = await client.invoke("ComeBack", ICU, 1, 2)
        assert [event["arguments"][1]["seq"] for event in answer["events"]] == [3, 4]
        assert await client.invoke("ComeBack", ICU, 1, 1) == {"resync": True}


async def test_who_is_connected_does_not_notice_that_old_events_go(settings):
    keep(settings, events=0)
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        for number, patient in enumerate("abc", start=1):
            await run(record, ICU, patient)
            _, place = await client.receive("ObservationRecorded")
            assert (place["after"], place["seq"]) == (number - 1, number)
            await run(retention.prune, ICU)


async def test_who_is_connected_hears_of_a_cut_and_holds_the_new_epoch_after_loading_anew(settings):
    settings.HUBS = {**settings.HUBS, "FEED_POLL_INTERVAL": 0.05}
    await run(record, ICU, "a")
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        epoch = await run(retention.cut, ICU)
        assert await client.receive("FeedEnded") == [{"feed": ICU, "reason": "resync"}]
        assert await client.invoke("ComeBack", ICU, 1, 1) == {"resync": True}
        assert await client.invoke("Follow", ICU) == {"feed": ICU, "epoch": epoch, "seq": 1}
