"""An alert reads on the first page as it does after an update: both sides read the cases of tests/js."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from clinical import alert_rows
from clinical.events import AlertView

SHARED = json.loads((Path(__file__).parent.parent / "js" / "alert_rows.json").read_text(encoding="utf-8"))
NOW = datetime.fromisoformat(SHARED["now"])
ZONE = ZoneInfo(SHARED["timeZone"])


@pytest.mark.parametrize("case", SHARED["cases"], ids=lambda case: case["fields"]["title"])
def test_an_alert_reads_on_the_page_as_it_does_in_the_browser(case: dict[str, Any]) -> None:
    assert alert_rows.fields(case["alert"], NOW, ZONE, SHARED["user"]) == case["fields"]


def test_the_cases_are_alerts_as_they_go_over_the_wire() -> None:
    for case in SHARED["cases"]:
        view = msgspec.convert(case["alert"], AlertView)
        assert set(msgspec.to_builtins(view)) == set(case["alert"])


def test_the_blank_row_has_every_field_and_says_nothing() -> None:
    blank = alert_rows.blank()
    assert set(blank) == set(SHARED["cases"][0]["fields"])
    assert not any(blank.values())
