"""The hospital's times: all three, or a start that fails with one sentence."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from clinical.alert_times import DEFAULT, read, times_of


def test_the_times_of_the_environment_count() -> None:
    times = read("low=9999/1, high=1/2,medium=3/4")
    assert times["high"] == (timedelta(minutes=1), timedelta(minutes=2))
    assert times["low"].accept == timedelta(minutes=9999)


def test_without_any_they_are_the_usual_ones() -> None:
    assert times_of("high") == (timedelta(minutes=5), timedelta(minutes=30))
    assert read(DEFAULT)["medium"] == (timedelta(minutes=15), timedelta(minutes=60))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "high=5/30",
        "high=5/30,medium=15/60",
        "high=5/30,medium=15/60,low=30/120,low=1/1",
        "high=5/30,high=5/30,low=30/120",
        "high=0/30,medium=15/60,low=30/120",
        "high=5,medium=15/60,low=30/120",
        "high=5/30,medium=15/60,low=\uff13\uff10/120",
        "high=5/30,medium=15/60,none=30/120",
    ],
)
def test_anything_else_stops_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^ALERT_MINUTES must have minutes for all three"):
        read(text)
