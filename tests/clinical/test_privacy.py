"""What each privacy mode hides; page and browser read the cases of tests/js."""

import json
from pathlib import Path
from typing import Any

import pytest

from clinical import privacy
from clinical.privacy import Privacy

SHARED = json.loads((Path(__file__).parent.parent / "js" / "privacy.json").read_text(encoding="utf-8"))


def test_a_full_screen_shows_all() -> None:
    assert privacy.row(SHARED["row"], Privacy.FULL) == SHARED["row"]


@pytest.mark.parametrize("case", SHARED["names"], ids=lambda case: case["full"])
def test_initials_are_all_that_is_left_of_a_name(case: dict[str, Any]) -> None:
    row = {**SHARED["row"], "name": case["full"]}
    assert privacy.row(row, Privacy.INITIALS) == {**row, **SHARED["hidden"], "name": case["initials"]}


def test_beds_only_show_nothing_of_who_it_is() -> None:
    assert privacy.row(SHARED["row"], Privacy.BED) == {**SHARED["row"], **SHARED["hidden"], "name": ""}


def test_a_row_without_a_set_or_a_correction_stays_so() -> None:
    for observation in (None, {"version": 1}):
        assert (
            privacy.row({**SHARED["row"], "observation": observation}, Privacy.BED)["observation"]
            == observation
        )


def test_what_is_no_mode_shows_the_least() -> None:
    assert privacy.chosen("initials") is Privacy.INITIALS
    for text in ("", "FULL", "everything", None, 3):
        assert privacy.chosen(text) is Privacy.BED
