"""What the decisions of a stay come to."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from clinical.applicability import NotScored
from clinical.models import ScoringDecision
from clinical.services.scoring import Kind, not_scored, scale_of, stated

ADULT = date(1960, 1, 1)


def decision(kind: Kind) -> ScoringDecision:
    return ScoringDecision(kind=kind, decided_at=timezone.now())


@pytest.mark.parametrize(
    ("kinds", "scale", "reason"),
    [
        ([], 1, None),
        ([Kind.SPO2_SCALE_2], 2, None),
        ([Kind.END_OF_LIFE], 1, NotScored.END_OF_LIFE),
        ([Kind.END_OF_LIFE, Kind.SPO2_SCALE_2, Kind.PREGNANT], 2, NotScored.PREGNANT),
    ],
)
def test_decisions_give_a_scale_and_perhaps_a_reason(
    kinds: list[Kind], scale: int, reason: NotScored | None
) -> None:
    decisions = [decision(kind) for kind in kinds]
    assert (scale_of(decisions), stated(decisions)) == (scale, reason)


def test_the_age_counts_beside_what_is_stated() -> None:
    now = timezone.now()
    assert not_scored(ADULT, now, None) is None
    assert not_scored(ADULT, now, NotScored.PREGNANT) == NotScored.PREGNANT
    assert not_scored((now - timedelta(days=3650)).date(), now, None) == NotScored.UNDER_16


def test_every_reason_but_the_age_can_be_stated() -> None:
    kinds = {kind.value for kind in Kind} - {Kind.SPO2_SCALE_2.value, Kind.FREQUENCY.value}
    assert {*kinds, NotScored.UNDER_16.value} == {reason.value for reason in NotScored}
