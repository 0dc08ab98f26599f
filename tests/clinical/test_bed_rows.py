"""A row reads on the first page as it does after an update: both sides read the cases of tests/js."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from clinical import bed_rows
from clinical.events import AlertView, BedRow

SHARED = json.loads((Path(__file__).parent.parent / "js" / "bed_rows.json").read_text(encoding="utf-8"))
NOW = datetime.fromisoformat(SHARED["now"])
ZONE = ZoneInfo(SHARED["timeZone"])


@pytest.mark.parametrize("case", SHARED["cases"], ids=lambda case: case["row"]["bed"])
def test_a_row_reads_on_the_page_as_it_does_in_the_browser(case: dict[str, Any]) -> None:
    texts = bed_rows.fields(case["row"] | {"alerts": case["alerts"]}, NOW, ZONE)
    vitals = texts.pop("vitals")
    assert texts == case["fields"]
    assert {vital["part"]: [vital["value"], vital["points"]] for vital in vitals} == case["vitals"]


def test_the_cases_are_rows_as_they_go_over_the_wire() -> None:
    # But for what a privacy mode has made of one.
    for case in (case for case in SHARED["cases"] if not case.get("isShaped")):
        assert all(msgspec.convert(alert, AlertView) for alert in case["alerts"])
        row = msgspec.convert(case["row"], BedRow)
        assert json.loads(msgspec.json.encode(row)) == case["row"]


def test_the_bands_that_need_somebody_are_counted() -> None:
    rows = [bed_rows.fields(case["row"], NOW, ZONE) for case in SHARED["cases"]]
    counted = {count["band"]: count["count"] for count in bed_rows.counts(rows)}
    assert counted == SHARED["counts"]


def test_the_blank_row_has_every_field_and_says_nothing() -> None:
    blank = bed_rows.blank()
    assert set(blank) == {*SHARED["cases"][0]["fields"], "vitals"}
    assert not blank["name"]
    assert not blank["band"]
