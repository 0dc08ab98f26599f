import datetime as dt
from typing import Any

import msgspec
import pytest

from hubs.errors import CloseReason
from hubs.feeds.cursors import Cursor
from hubs.feeds.followed import MAXIMUM_KEPT, FollowedFeed
from hubs.feeds.grants import Grant
from hubs.feeds.log import Head, LoggedEvent
from hubs.hub import Hub
from hubs.protocol import json_protocol

ICU = "ward:icu"
NOW = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)


class Reader:
    """Stands in for a connection: notes what it is sent, and is backed up when told so."""

    protocol = json_protocol
    hub = Hub
    id = "reader"
    reliable = None

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.is_backed_up = False
        self.drained = None
        self.closed: CloseReason | None = None

    def when_drained(self, callback):
        self.drained = callback

    def send_batch(self, messages, frames):
        self.frames += frames

    def close(self, reason):
        self.closed = reason

    @property
    def places(self) -> list[tuple[int, int]]:
        """(after, seq) of every event, over all frames."""
        messages = [part for frame in self.frames for part in frame.split(b"\x1e") if part]
        envelopes = [msgspec.json.decode(message)["arguments"][1] for message in messages]
        return [(each["after"], each["seq"]) for each in envelopes]


def cursor(reader: Any, view: str = "", *, served=0, epoch=1, active=True) -> Cursor:
    hub: Any = None
    return Cursor(reader, ICU, epoch, served, Grant(hub, view), active=active)


class Log:
    """One feed's log, and what the pump does with it."""

    def __init__(self) -> None:
        self.woken = 0
        self.feed = FollowedFeed(ICU, self.wake)
        self.events: list[LoggedEvent] = []
        self.epoch = 1
        self.floor = 0

    def wake(self):
        self.woken += 1

    def append(self, name="ObservationRecorded", merge_key="", payload=b'{"a":1}'):
        self.events.append(LoggedEvent(len(self.events) + 1, name, payload, NOW, merge_key=merge_key))

    def follow(self, served=0, epoch=1) -> Reader:
        reader = Reader()
        self.feed.add(cursor(reader, served=served, epoch=epoch))
        return reader

    def serve(self, at_once=500) -> list[Cursor]:
        after = self.feed.read_to
        cursors = tuple(self.feed.cursors.values())
        found = [each for each in self.events if each.seq > max(after, self.floor)][:at_once]
        self.feed.take(Head(self.epoch, self.floor, len(self.events)), after, found)
        return self.feed.deliver(cursors)


@pytest.fixture
def log() -> Log:
    return Log()


def test_what_came_together_goes_out_as_one_frame(log):
    reader = log.follow()
    for _ in range(3):
        log.append()
    assert log.serve() == []
    assert len(reader.frames) == 1
    assert reader.places == [(0, 1), (1, 2), (2, 3)]


def test_cursors_at_the_same_place_share_their_bytes(log):
    readers = [log.follow() for _ in range(10)]
    log.append()
    log.serve()
    assert len({id(reader.frames[0]) for reader in readers}) == 1


def test_a_reader_that_keeps_up_gets_every_event(log):
    reader = log.follow()
    for _ in range(3):
        log.append(merge_key="patient")
    log.serve()
    assert reader.places == [(0, 1), (1, 2), (2, 3)]


def test_a_slow_reader_gets_the_newest_observation_and_every_order_once_it_reads_again(log):
    slow, prompt = log.follow(), log.follow()
    slow.is_backed_up = True
    for name, key in [("ObservationRecorded", "p"), ("OrderDrafted", ""), ("ObservationRecorded", "p")]:
        log.append(name, key)
        log.serve()
    log.append("OrderDrafted")
    log.serve()
    assert slow.frames == []
    assert prompt.places == [(0, 1), (1, 2), (2, 3), (3, 4)]
    slow.is_backed_up = False
    woken = log.woken
    slow.drained()
    assert log.woken == woken + 1
    log.serve()
    assert slow.places == [(0, 2), (2, 3), (3, 4)]
    assert len(slow.frames) == 1


def test_a_reader_that_has_caught_up_gets_every_event_again(log):
    reader = log.follow()
    reader.is_backed_up = True
    log.append(merge_key="p")
    log.append(merge_key="p")
    log.serve()
    reader.is_backed_up = False
    log.serve()
    log.append(merge_key="p")
    log.append(merge_key="p")
    log.serve()
    assert reader.places == [(0, 2), (2, 3), (3, 4)]


def test_what_everybody_has_had_is_let_go(log):
    log.follow()
    for _ in range(10):
        log.append()
        log.serve()
    assert log.feed._events == []


def test_DS_3_memory_does_not_grow_with_a_reader_that_does_not_read(log):
    slow, prompt = log.follow(), log.follow()
    slow.is_backed_up = True
    lost = []
    for _ in range(MAXIMUM_KEPT + 200):
        log.append()
        lost += log.serve()
        for each in lost:
            log.feed.cursors.pop(each.connection, None)
    assert [each.connection for each in lost] == [slow]
    assert len(prompt.places) == MAXIMUM_KEPT + 200
    assert len(log.feed._events) <= MAXIMUM_KEPT
    assert slow.frames == []


def test_a_cursor_that_needs_older_events_than_are_kept_has_them_read_again(log):
    first = log.follow()
    for _ in range(5):
        log.append()
    log.serve()
    second = log.follow(served=2)
    log.serve()
    assert second.places == [(2, 3), (3, 4), (4, 5)]
    assert len(first.places) == 5


def test_a_reading_that_a_new_cursor_has_overtaken_is_not_used(log):
    log.follow(served=3)
    for _ in range(5):
        log.append()
    after = log.feed.read_to
    late = log.follow(served=1)
    log.feed.take(Head(1, 0, 5), after, log.events[3:])
    assert log.woken == 1
    log.serve()
    assert late.places == [(1, 2), (2, 3), (3, 4), (4, 5)]


def test_a_new_epoch_ends_what_was_followed_under_the_old_one(log):
    log.follow()
    log.epoch = 2
    assert len(log.serve()) == 1


def test_a_database_that_has_gone_back_is_no_place_to_go_on_from(log):
    log.append()
    log.follow(served=5)
    assert len(log.serve()) == 1


def test_events_that_were_cut_away_are_missed_and_said(log):
    log.follow()
    for _ in range(5):
        log.append()
    log.floor = 3
    (lost,) = log.serve()
    log.feed.remove(lost.connection)
    reader = log.follow(served=3)
    assert log.serve() == []
    assert reader.places == [(3, 4), (4, 5)]


def test_a_feed_that_was_cut_to_its_head_loses_nobody_who_has_had_it_all(log):
    for _ in range(5):
        log.append()
    reader = log.follow(served=5)
    behind = log.follow(served=4)
    log.floor = 5
    assert [each.connection for each in log.serve()] == [behind]
    log.append()
    log.serve()
    assert reader.places == [(5, 6)]


def test_more_than_a_reading_holds_is_read_in_turns(log):
    reader = log.follow()
    for _ in range(10):
        log.append()
    log.serve(at_once=4)
    assert log.woken == 1
    log.serve(at_once=4)
    log.serve(at_once=4)
    assert [seq for _, seq in reader.places] == list(range(1, 11))


def test_a_long_way_is_gone_in_steps_that_a_socket_can_hold(log):
    reader = log.follow()
    for _ in range(10):
        log.append(payload=b'"' + b"x" * 60_000 + b'"')
    log.serve()
    assert 0 < len(reader.places) < 10
    while len(reader.places) < 10:
        reader.drained()
        log.serve()
    assert [seq for _, seq in reader.places] == list(range(1, 11))
    assert all(len(frame) <= 65_536 for frame in reader.frames)


def test_a_cursor_that_is_not_active_yet_stands_still(log):
    reader = Reader()
    log.feed.add(place := cursor(reader, active=False))
    log.append()
    log.serve()
    assert reader.frames == []
    place.active = True
    log.serve()
    assert reader.places == [(0, 1)]


def test_AZ_5_a_withheld_event_leaves_a_hole_that_is_no_gap():
    class Board(Hub):
        @staticmethod
        def shape(event, view):
            return None if event.name == "OrderDrafted" and view != "doctor" else event.payload

    log = Log()
    readers = {}
    for view in ("doctor", "porter"):
        readers[view] = reader = Reader()
        reader.hub = Board
        log.feed.add(cursor(reader, view))
    for name in ("ObservationRecorded", "OrderDrafted", "ObservationRecorded"):
        log.append(name)
        log.serve()
    assert readers["doctor"].places == [(0, 1), (1, 2), (2, 3)]
    assert readers["porter"].places == [(0, 1), (1, 3)]


def test_a_shape_that_fails_closes_its_own_connections_only():
    class Broken(Hub):
        @staticmethod
        def shape(event, view):
            raise ValueError("no such view")

    log = Log()
    broken, sound = Reader(), log.follow()
    broken.hub = Broken
    log.feed.add(cursor(broken))
    log.append()
    assert log.serve() == []
    assert broken.closed is CloseReason.SERVER_ERROR
    assert sound.places == [(0, 1)]
