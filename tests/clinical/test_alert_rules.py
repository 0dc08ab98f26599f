"""What is news and what is not: only a rise of the band, or a parameter that was not red before."""

from typing import Any

import pytest

from clinical.alert_rules import NOTHING, finding, is_over, reason
from clinical.models import Alert
from clinical.news2 import Measurements, score
from tests.clinical.alarming import HIGH, MEDIUM, RED, WELL


def found(measured: dict[str, Any], *, applicable: bool = True) -> Any:
    given = {name: value for name, value in measured.items() if name != "diastolic"}
    return finding(score(Measurements(**given), applicable=applicable))


def why(now: dict[str, Any], before: dict[str, Any] | None = None) -> tuple[str, str] | None:
    answer = reason(found(now), NOTHING if before is None else found(before))
    return None if answer is None else (answer.kind.value, answer.severity.value)


VERY_RED = WELL | {"systolic": 88, "pulse": 131, "spo2": 95}


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, WELL, None),
        (None, MEDIUM, ("score", "medium")),
        (None, HIGH, ("score", "high")),
        (None, RED, ("red", "medium")),
        (WELL, HIGH, ("score", "high")),
        (MEDIUM, HIGH, ("score", "high")),
        # Unchanged, or better: no news.
        (MEDIUM, MEDIUM, None),
        (HIGH, HIGH, None),
        (HIGH, MEDIUM, None),
        (RED, RED, None),
        (RED, WELL, None),
        # Another parameter has become red.
        (RED, WELL | {"pulse": 131}, ("red", "medium")),
        (HIGH, HIGH | {"systolic": 88}, ("red", "high")),
        # The sum says it, and the red ones with it: one alert for one set.
        (RED, VERY_RED, ("score", "high")),
    ],
)
def test_only_news_gives_reason_for_an_alert(
    before: dict[str, Any] | None, now: dict[str, Any], expected: tuple[str, str] | None
) -> None:
    assert why(now, before) == expected


def test_a_missing_measurement_hides_neither_a_red_nor_a_sum() -> None:
    assert why({"systolic": 88}) == ("red", "medium")
    assert why({"systolic": 88, "pulse": 131, "on_oxygen": True}) == ("score", "high")
    assert found({"systolic": 88}).is_partial


def test_a_partial_set_without_a_finding_says_nothing() -> None:
    assert not found({"pulse": 80}).is_certain
    assert found(WELL).is_certain


def test_who_is_not_scored_gives_no_reason() -> None:
    assert found(HIGH, applicable=False) == NOTHING


@pytest.mark.parametrize(
    ("kind", "severity", "now", "expected"),
    [
        ("score", "medium", WELL, True),
        ("score", "medium", MEDIUM, False),
        ("score", "medium", {"pulse": 80}, False),
        ("score", "high", WELL, False),
        ("red", "medium", WELL, True),
        ("red", "medium", RED, False),
        ("red", "high", WELL, False),
        # By a red that is another alert's, and raised one of its own.
        ("score", "medium", RED, True),
        # A partial set may lack what was red.
        ("red", "medium", {"respiration": 22, "spo2": 93, "pulse": 112}, False),
    ],
)
def test_high_is_never_over_and_lower_only_by_a_complete_set(
    kind: str, severity: str, now: dict[str, Any], *, expected: bool
) -> None:
    assert is_over(Alert(kind=kind, severity=severity), found(now)) is expected


@pytest.mark.parametrize("now", [RED, {"systolic": 88}])
def test_the_sums_alert_stands_while_what_was_red_with_it_still_is(now: dict[str, Any]) -> None:
    assert not is_over(Alert(kind="score", severity="medium", red=["systolic"]), found(now))
