import datetime as dt

import pytest

from hubs.feeds import batches
from hubs.feeds.log import LoggedEvent
from hubs.hub import Hub
from tests.hubs.feeds.events import ObservationRecorded

NOW = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)


def event(seq, name="ObservationRecorded", merge_key="", **more):
    return LoggedEvent(seq, name, b"{}", NOW, merge_key=merge_key, **more)


def test_of_events_with_the_same_name_and_key_the_newest_is_left_at_its_place():
    events = [event(1, merge_key="p"), event(2, merge_key="q"), event(3, merge_key="p")]
    assert [each.seq for each in batches.merged(events)] == [2, 3]


def test_events_without_a_key_are_never_merged_away():
    events = [event(1, "OrderDrafted"), event(2, "OrderDrafted"), event(3, "AlertRaised")]
    assert batches.merged(events) == events


def test_events_of_different_names_do_not_replace_each_other():
    events = [event(1, "ObservationRecorded", "p"), event(2, "PatientChanged", "p")]
    assert batches.merged(events) == events


def test_an_event_of_another_version_of_its_shape_is_not_guessed_at():
    class Board(Hub):
        events = (ObservationRecorded,)

    assert batches.shaped(Board, event(1), "") == b"{}"
    with pytest.raises(batches.UnknownShape):
        batches.shaped(Board, event(1, schema=2), "")


def test_an_event_that_the_hub_has_not_declared_goes_out_as_it_is():
    assert batches.shaped(Hub, event(1, "Unheard", schema=3), "") == b"{}"
