"""When the next set of observations is due, and how overdue it is; pure functions of times."""

from datetime import datetime, timedelta
from enum import StrEnum

# Overdue by this share of the interval. The shares are those of the research on missed observations, so that
# a ward can be compared with it.
LATE = (33, 100)
MISSED = (67, 100)


class DueState(StrEnum):
    """How the next set stands; NONE where nothing is due: no set yet, or a patient who is not scored."""

    NONE = "none"
    NOT_DUE = "not-due"
    DUE = "due"
    LATE = "late"
    MISSED = "missed"


def due_at(last_at: datetime | None, interval: timedelta | None) -> datetime | None:
    """When the next set is due: so long after the measurement of the last one, not after its entry."""
    return None if last_at is None or interval is None else last_at + interval


def late_at(due: datetime, interval: timedelta) -> datetime:
    """From when on the set is late."""
    return due + interval * LATE[0] / LATE[1]


def missed_at(due: datetime, interval: timedelta) -> datetime:
    """From when on the set is missed."""
    return due + interval * MISSED[0] / MISSED[1]


def state_of(last_at: datetime | None, interval: timedelta | None, now: datetime) -> DueState:
    """How the next set stands at `now`; each state begins at its very moment."""
    due = due_at(last_at, interval)
    if due is None or interval is None:
        return DueState.NONE
    if now < due:
        return DueState.NOT_DUE
    if now < late_at(due, interval):
        return DueState.DUE
    return DueState.LATE if now < missed_at(due, interval) else DueState.MISSED
