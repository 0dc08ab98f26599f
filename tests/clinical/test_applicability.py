"""Who is not scored, and why that is said."""

from datetime import date

import pytest

from clinical.applicability import NotScored, age, reason_not_to_score

BORN = date(2010, 11, 24)
ADULT = date(1960, 1, 1)
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 11, 23), NotScored.UNDER_16),
        (date(2026, 11, 24), None),
        (date(2010, 11, 24), NotScored.UNDER_16),
    ],
)
def test_the_sixteenth_birthday_decides_on_the_day_of_the_set(on: date, expected: NotScored | None) -> None:
    assert reason_not_to_score(BORN, on, ()) == expected


def test_who_was_born_on_a_leap_day_is_a_year_older_on_the_first_of_march() -> None:
    assert [age(date(2012, 2, 29), date(2028, 2, day)) for day in (28, 29)] == [15, 16]
    assert [age(date(2012, 2, 29), day) for day in (date(2029, 2, 28), date(2029, 3, 1))] == [16, 17]


@pytest.mark.parametrize("reason", [NotScored.PREGNANT, NotScored.END_OF_LIFE])
def test_what_is_stated_of_a_stay_takes_its_score_away(reason: NotScored) -> None:
    assert reason_not_to_score(ADULT, TODAY, {reason}) == reason
    assert reason_not_to_score(ADULT, TODAY, set()) is None


def test_of_several_reasons_the_first_is_named() -> None:
    assert (
        reason_not_to_score(ADULT, TODAY, {NotScored.END_OF_LIFE, NotScored.PREGNANT}) == NotScored.PREGNANT
    )
    assert reason_not_to_score(BORN, date(2020, 1, 1), {NotScored.PREGNANT}) == NotScored.UNDER_16
