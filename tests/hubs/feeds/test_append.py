import threading
import time

import pytest
from django.db import connection, transaction

from hubs.conf import redis_channel_layer
from hubs.feeds.append import append, append_all
from hubs.models import Feed, FeedEvent
from tests.hubs.feeds.events import ObservationRecorded, record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def woken(monkeypatch) -> list[str]:
    feeds: list[str] = []
    monkeypatch.setattr("hubs.feeds.wake.wake", lambda feed, seq: feeds.append(f"{feed} {seq}"))
    return feeds


def numbers(feed: str) -> list[int]:
    return list(FeedEvent.objects.filter(feed__name=feed).order_by("seq").values_list("seq", flat=True))


def record_and_fail(feed: str, patient: str) -> None:
    with transaction.atomic():
        append(feed, ObservationRecorded(patient))
        raise LookupError


def test_numbers_count_from_one_without_gaps_and_each_feed_has_its_own():
    assert [record("ward:icu", "a"), record("ward:icu", "b", "c"), record("ward:cardio", "a")] == [1, 3, 1]
    assert (numbers("ward:icu"), numbers("ward:cardio")) == ([1, 2, 3], [1])


def test_an_event_is_written_with_its_name_payload_and_time():
    record("ward:icu", "a")
    event = FeedEvent.objects.get()
    assert (event.name, event.payload) == ("ObservationRecorded", '{"patientId":"a","spo2":97}')
    assert event.at.tzinfo is not None


@pytest.mark.parametrize("name", ["ward:icu", "Ward:ICU", "Zoë's ward ☕", "x" * 200])
def test_a_feed_may_have_any_name(name):
    record(name, "a")
    assert Feed.objects.get().name == name


def test_outside_of_a_transaction_there_is_no_append(woken):
    with pytest.raises(transaction.TransactionManagementError, match="transaction of the write"):
        append("ward:icu", ObservationRecorded("a"))
    assert not Feed.objects.exists()
    assert woken == []


def test_a_rollback_leaves_no_trace_and_wakes_nobody(woken):
    record("ward:icu", "a")
    woken.clear()
    with pytest.raises(LookupError):
        record_and_fail("ward:icu", "b")
    assert (numbers("ward:icu"), woken) == ([1], [])
    assert record("ward:icu", "c") == 2


def test_a_savepoint_that_is_rolled_back_gives_its_number_back(woken):
    with transaction.atomic():
        append("ward:icu", ObservationRecorded("a"))
        with pytest.raises(LookupError):
            record_and_fail("ward:icu", "b")
        append("ward:icu", ObservationRecorded("c"))
    payloads = FeedEvent.objects.order_by("seq").values_list("seq", "payload")
    assert [(seq, payload[14]) for seq, payload in payloads] == [(1, "a"), (2, "c")]
    assert woken == ["ward:icu 1", "ward:icu 2"]


def test_workers_are_woken_after_the_commit_and_not_before(woken):
    with transaction.atomic():
        append("ward:icu", ObservationRecorded("a"))
        assert woken == []
    assert woken == ["ward:icu 1"]


def test_a_wake_up_that_fails_does_not_fail_the_write(monkeypatch, caplog):
    def broken(feed: str, seq: int) -> None:
        raise LookupError

    monkeypatch.setattr("hubs.feeds.wake.wake", broken)
    assert record("ward:icu", "a") == 1
    assert numbers("ward:icu") == [1]


def test_writers_at_the_same_time_leave_no_gap_and_no_double():
    def write(patient: str) -> None:
        for _ in range(10):
            record("ward:icu", patient)
        connection.close()

    writers = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert numbers("ward:icu") == list(range(1, 41))
    assert Feed.objects.get().head == 40


def test_events_of_several_feeds_get_their_numbers_in_one_go(woken):
    record("ward:cardio", "x")
    woken.clear()
    with transaction.atomic():
        given = append_all(
            (feed, ObservationRecorded(patient))
            for feed, patient in [("ward:icu", "a"), ("ward:cardio", "b"), ("ward:icu", "c")]
        )
    assert given == [1, 2, 2]
    in_order = FeedEvent.objects.order_by("feed__name", "seq").values_list("feed__name", "seq", "payload")
    assert [(feed, seq, payload[14]) for feed, seq, payload in in_order] == [
        *(("ward:cardio", 1, "x"), ("ward:cardio", 2, "b"), ("ward:icu", 1, "a"), ("ward:icu", 2, "c"))
    ]
    assert sorted(woken) == ["ward:cardio 2", "ward:icu 2"]


def test_nothing_to_append_is_nothing_to_do(woken):
    with transaction.atomic():
        assert append_all([]) == []
    assert woken == []


def test_one_event_costs_two_queries_and_many_cost_no_more(django_assert_num_queries):
    record("ward:icu", "a")
    with transaction.atomic():
        with django_assert_num_queries(2):
            append("ward:icu", ObservationRecorded("b"))
        with django_assert_num_queries(2):
            append_all((f"ward:{number % 5}", ObservationRecorded("c")) for number in range(20))


def test_what_cannot_be_encoded_locks_no_feed_and_takes_no_number():
    with transaction.atomic(), pytest.raises(TypeError, match="unsupported"):
        append("ward:icu", ObservationRecorded(object()))
    assert record("ward:icu", "a") == 1


def test_a_dead_redis_neither_fails_nor_slows_the_write(settings, valkey_is_dead):
    started = time.monotonic()
    assert [record("ward:icu", "a") for _ in range(10)] == list(range(1, 11))
    assert time.monotonic() - started < 1.0


@pytest.fixture
def valkey_is_dead(settings):
    # A port of the loopback interface that nothing listens on.
    settings.CHANNEL_LAYERS = {"default": redis_channel_layer("redis://127.0.0.1:1/0", secret="tests")}
