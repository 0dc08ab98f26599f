"""For whom NEWS2 is made at all: adults from 16 years, not in pregnancy, not at the planned end of life."""

from collections.abc import Collection
from datetime import date
from enum import StrEnum

YOUNGEST = 16


class NotScored(StrEnum):
    """Why a stay has no score; the order in which one is named where several hold."""

    UNDER_16 = "under-16"
    PREGNANT = "pregnant"
    END_OF_LIFE = "end-of-life"


def age(born_on: date, on: date) -> int:
    """In full years; who was born on a 29 February has the birthday of a common year on 1 March."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def reason_not_to_score(born_on: date, on: date, stated: Collection[NotScored]) -> NotScored | None:
    """Why a set measured on that day has no score, None where it has one.

    The age is reckoned anew for each set, for a birthday may fall into the stay. All else
    somebody has stated.
    """
    if age(born_on, on) < YOUNGEST:
        return NotScored.UNDER_16
    return next((reason for reason in NotScored if reason in stated), None)
