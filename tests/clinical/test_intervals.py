"""The hospital's intervals: all of them or a start that fails."""

from datetime import timedelta
from typing import Any, get_args

import pytest
from django.core.exceptions import ImproperlyConfigured

from clinical.intervals import BANDS, DEFAULT, interval_of, read
from clinical.news2 import Band


def test_the_defaults_are_those_of_the_college() -> None:
    minutes = {band: interval // timedelta(minutes=1) for band, interval in read(DEFAULT).items()}
    assert minutes == {
        "routine": 720, "low": 240, "low-medium": 60, "medium": 60, "high": 30, "unknown": 60
    }  # fmt: skip


def test_every_band_that_is_scored_has_an_interval() -> None:
    assert set(get_args(Band)) - set(BANDS) == {"not-scored"}


def test_a_hospital_has_its_own(settings: Any) -> None:
    settings.OBSERVATION_INTERVALS = read(DEFAULT.replace("low=240", " low=360"))
    assert interval_of("low") == timedelta(hours=6)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "low=240",
        DEFAULT + ",low=60",
        DEFAULT + ",lowest=60",
        DEFAULT.replace("60", "0", 1),
        DEFAULT.replace("720", "12h"),
        DEFAULT.replace("720", "-720"),
        DEFAULT.replace("720", "10000"),
    ],
)
def test_an_incomplete_or_odd_table_stops_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="OBSERVATION_MINUTES"):
        read(text)
