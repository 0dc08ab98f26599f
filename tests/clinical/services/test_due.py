"""Due, late at a third of the interval beyond it, missed at two thirds: to the microsecond."""

from datetime import UTC, datetime, timedelta

import pytest

from clinical.services.due import DueState, due_at, late_at, missed_at, state_of

LAST = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
HOURS = (timedelta(hours=12), timedelta(hours=4), timedelta(hours=1), timedelta(minutes=30))


@pytest.mark.parametrize("interval", HOURS)
def test_each_state_begins_at_its_very_moment(interval: timedelta) -> None:
    edges = {
        LAST + interval: (DueState.NOT_DUE, DueState.DUE),
        LAST + interval * 1.33: (DueState.DUE, DueState.LATE),
        LAST + interval * 1.67: (DueState.LATE, DueState.MISSED),
    }
    for edge, (before, after) in edges.items():
        assert state_of(LAST, interval, edge - MOMENT) == before
        assert state_of(LAST, interval, edge) == after
    assert state_of(LAST, interval, LAST) == DueState.NOT_DUE
    assert state_of(LAST, interval, LAST + timedelta(days=30)) == DueState.MISSED


def test_what_is_due_after_four_hours_is_late_after_another_79_minutes() -> None:
    due = due_at(LAST, timedelta(hours=4))
    assert due == LAST + timedelta(hours=4)
    assert late_at(due, timedelta(hours=4)) - due == timedelta(minutes=79, seconds=12)
    assert missed_at(due, timedelta(hours=4)) - due == timedelta(minutes=160, seconds=48)


def test_without_a_set_or_an_interval_nothing_is_due() -> None:
    for last_at, interval in ((None, timedelta(hours=1)), (LAST, None), (None, None)):
        assert due_at(last_at, interval) is None
        assert state_of(last_at, interval, LAST + timedelta(days=1)) == DueState.NONE
