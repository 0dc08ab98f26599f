"""How often a patient is observed: by what somebody has decided, else by what the score asks for."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from clinical.models import ScoringDecision

FREQUENCY = ScoringDecision.Kind.FREQUENCY


class Standing(NamedTuple):
    """When the next set is due, after which interval, and by which decision; nothing where nothing is due."""

    due_at: datetime | None = None
    interval: timedelta | None = None
    decision: ScoringDecision | None = None


def standing(
    counted_from: datetime | None, asked: timedelta | None, decisions: Sequence[ScoringDecision]
) -> Standing:
    """What is due by the decisions in force, which come newest first, and by the interval the score asks for.

    A decision puts nothing off beyond its own end: what it leaves is due by the one before it, and at last
    by the score. So its end needs nobody who reckons anew.
    """
    if counted_from is None:
        return Standing()
    found = Standing() if asked is None else Standing(counted_from + asked, asked)
    for each in reversed(decisions):
        if each.interval is not None and each.until is not None and not is_outdone(each, asked):
            found = _by(each, each.interval, each.until, counted_from, found)
    return found


def _by(
    decision: ScoringDecision, interval: timedelta, until: datetime, counted_from: datetime, before: Standing
) -> Standing:
    """What the decision makes of what was due before it."""
    # Whoever asks for more makes nobody late for what was not asked for until then.
    earliest = decision.decided_at if before.due_at is None else min(decision.decided_at, before.due_at)
    due = max(earliest, counted_from + interval)
    if due <= until:
        return Standing(due, interval, decision)
    return before if before.due_at is None else before._replace(due_at=max(before.due_at, until))


def is_outdone(decision: ScoringDecision, asked: timedelta | None) -> bool:
    """Whether the patient is worse than when somebody allowed longer intervals: that is no longer allowed."""
    if asked is None or decision.interval is None or decision.interval <= asked:
        return False
    return decision.instead_of is None or asked < decision.instead_of


def at(decisions: Iterable[ScoringDecision], moment: datetime) -> timedelta | None:
    """The interval that was decided at that time; the decisions come newest first."""
    return next((each.interval for each in decisions if each.kind == FREQUENCY and each.held(moment)), None)
