"""When a set is due by what was decided and by what the score asks for, as arithmetic."""

from datetime import UTC, datetime, timedelta

import pytest

from clinical.models import ScoringDecision
from clinical.services.frequencies import at, standing

MEASURED = datetime(2026, 11, 25, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def decided(
    every: int, after: int = 0, until: int = 1440, instead_of: int | None = 240, revoked: int | None = None
) -> ScoringDecision:
    """All in minutes, times as from the measurement."""
    return ScoringDecision(
        kind="frequency",
        interval=every * MINUTE,
        instead_of=None if instead_of is None else instead_of * MINUTE,
        decided_at=MEASURED + after * MINUTE,
        until=MEASURED + until * MINUTE,
        revoked_at=None if revoked is None else MEASURED + revoked * MINUTE,
    )


@pytest.mark.parametrize(
    ("asked", "decisions", "due", "every"),
    [
        (240, [], 240, 240),
        (None, [], None, None),
        # More often, less often, and for somebody who is not scored.
        (240, [decided(30, -60)], 30, 30),
        (240, [decided(480, -60)], 480, 480),
        (None, [decided(60, -60, instead_of=None)], 60, 60),
        # Decided after the set: due from that moment, and no later than it was due anyway.
        (240, [decided(30, 100)], 100, 30),
        (60, [decided(30, 100, instead_of=60)], 60, 30),
        (None, [decided(30, 100, instead_of=None)], 100, 30),
        # It ends before: what the score asks for, but not before that end.
        (240, [decided(30, -60, until=20)], 240, 240),
        (60, [decided(480, -60, until=200, instead_of=60)], 200, 60),
        (None, [decided(480, -60, until=200, instead_of=None)], None, None),
        # The newest counts, and behind its end the one before it.
        (240, [decided(120, -5), decided(30, -60)], 120, 120),
        (240, [decided(15, -5, until=10), decided(30, -60)], 30, 30),
        # Worse than when less was allowed: not allowed any more. More is always followed.
        (60, [decided(480, -60, instead_of=240)], 60, 60),
        (60, [decided(480, -60, instead_of=None)], 60, 60),
        (60, [decided(30, -60, instead_of=240)], 30, 30),
        (240, [decided(480, -60, instead_of=60)], 480, 480),
    ],
)
def test_the_next_set_is_due(
    asked: int | None, decisions: list[ScoringDecision], due: int | None, every: int | None
) -> None:
    found = standing(MEASURED, None if asked is None else asked * MINUTE, decisions)
    assert found.due_at == (None if due is None else MEASURED + due * MINUTE)
    assert found.interval == (None if every is None else every * MINUTE)
    assert (found.decision is None) == (every in (None, asked))


def test_nothing_is_due_before_the_first_set() -> None:
    assert standing(None, 60 * MINUTE, [decided(30)]) == (None, None, None)


def test_what_was_decided_at_a_time_stays_known_when_it_has_ended() -> None:
    decisions = [decided(15, 60, until=120), decided(30, 0, until=240, revoked=180)]
    times = {-1: None, 0: 30, 60: 15, 119: 15, 120: 30, 180: None}
    for minutes, every in times.items():
        found = at(decisions, MEASURED + minutes * MINUTE)
        assert found == (None if every is None else every * MINUTE), minutes
