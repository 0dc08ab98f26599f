import pytest
from django.db import connection, transaction

from hubs.feeds import log
from hubs.feeds.append import append
from hubs.feeds.log import Head
from hubs.models import Feed
from tests.hubs.feeds.events import PatientMoved, record

pytestmark = pytest.mark.django_db


def test_heads_are_read_in_one_query(django_assert_num_queries):
    record("ward:icu", "a", "b")
    record("ward:cardio", "a")
    with django_assert_num_queries(1):
        assert log.heads(["ward:icu", "ward:cardio", "ward:new"]) == {
            "ward:icu": Head(epoch=1, floor=0, head=2),
            "ward:cardio": Head(epoch=1, floor=0, head=1),
        }


def test_events_behind_a_number_come_oldest_first():
    record("ward:icu", "a", "b", "c")
    record("ward:cardio", "d")
    found = log.events_after({"ward:icu": 1, "ward:cardio": 1, "ward:new": 0})
    assert [event.seq for event in found["ward:icu"]] == [2, 3]
    assert found["ward:icu"][0].payload == b'{"patientId":"b","spo2":97}'
    assert (found["ward:cardio"], found["ward:new"]) == ([], [])


def test_no_more_is_read_at_once_than_memory_can_bear(monkeypatch):
    monkeypatch.setattr(log, "READ_AT_ONCE", 2)
    record("ward:icu", "a", "b", "c")
    assert [event.seq for event in log.events_after({"ward:icu": 0})["ward:icu"]] == [1, 2]


def test_an_event_says_the_version_of_its_shape_and_what_it_replaces():
    record("ward:icu", "a")
    with transaction.atomic():
        append("ward:icu", PatientMoved("a"))
    recorded, moved = log.events_after({"ward:icu": 0})["ward:icu"]
    assert (recorded.schema, recorded.merge_key) == (1, "")
    assert (moved.schema, moved.merge_key) == (2, "a")


def test_a_worker_of_the_version_before_may_still_write_during_an_upgrade():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO hubs_feed (name, epoch, head) VALUES ('ward:icu', 1, 1)")
        feed = Feed.objects.get()
        cursor.execute(
            "INSERT INTO hubs_feedevent (feed_id, seq, name, payload, at) VALUES (%s, 1, 'Old', '{}', %s)",
            [feed.pk, "2026-11-24 10:00:00+00:00"],
        )
    assert log.heads(["ward:icu"])["ward:icu"] == Head(epoch=1, floor=0, head=1)
    (event,) = log.events_after({"ward:icu": 0})["ward:icu"]
    assert (event.name, event.schema, event.merge_key) == ("Old", 1, "")
