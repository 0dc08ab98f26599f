"""Where values stand in a chart, and that no line claims what nobody has measured."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinical import charts
from clinical.charts import Axis, Chart, Reading, Window

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = Window(NOON - timedelta(hours=24), NOON)
AXIS = Axis(40, 160, 30)


def at(hours: float, value: float | None, points: int = 0, patience: float | None = None) -> Reading:
    """`hours` before noon; the next set was to come within `patience` hours."""
    time = NOON - timedelta(hours=hours)
    return Reading(time, value, points, None if patience is None else time + timedelta(hours=patience))


def drawn(*readings: Reading, window: Window = DAY) -> Chart:
    return charts.chart("Pulse", {"pulse": readings}, AXIS, window, BERLIN, lambda each: f"{each.value:g}")


def test_a_line_joins_the_sets_that_came_in_time() -> None:
    [piece] = charts.pieces([at(3, 80, patience=2), at(2, 82, patience=2), at(1, 84)])
    assert [each.value for each in piece] == [80, 82, 84]


def test_no_line_crosses_a_set_that_did_not_come() -> None:
    found = charts.pieces([at(9, 80, patience=2), at(2, 82, patience=2), at(1, 84)])
    assert [[each.value for each in piece] for piece in found] == [[80], [82, 84]]


def test_no_line_crosses_a_value_that_is_missing() -> None:
    found = charts.pieces([at(3, 80), at(2, None), at(1, 84)])
    assert [[each.value for each in piece] for piece in found] == [[80], [84]]


def test_a_value_that_stands_alone_has_a_mark_and_no_line() -> None:
    [line] = drawn(at(9, 80, patience=2), at(1, 84)).lines
    assert line.pieces == []
    assert [mark.title for mark in line.marks] == ["80", "84"]


def test_zero_is_a_value() -> None:
    [line] = charts.chart(
        "Pulse", {"pulse": [at(1, 0, 3)]}, AXIS, DAY, BERLIN, lambda each: f"{each.value:g}"
    ).lines
    assert [(mark.title, mark.points) for mark in line.marks] == [("0", 3)]


def test_the_axis_holds_values_that_no_ordinary_one_would() -> None:
    chart = drawn(at(2, 190), at(1, 20))
    assert [label.text for label in chart.values] == ["10", "40", "70", "100", "130", "160", "190"]
    tops = [mark.y for mark in chart.lines[0].marks]
    assert all(charts.TOP <= y <= charts.BOTTOM for y in tops)
    assert tops == sorted(tops)


def test_what_lies_outside_of_the_window_is_not_drawn() -> None:
    assert drawn(at(25, 80)).is_empty
    assert not drawn(at(24, 80)).is_empty


@pytest.mark.parametrize(("hours", "most"), [(12, 7), (24, 7), (72, 8)])
def test_the_time_axis_has_full_hours_of_the_wards_clock(hours: int, most: int) -> None:
    labels = drawn(at(1, 80), window=Window(NOON - timedelta(hours=hours), NOON)).times
    assert 3 <= len(labels) <= most
    assert labels[0].text.startswith(("21", "22", "23", "24"))
    assert all(label.text.endswith(":00") for label in labels)
    assert [label.at for label in labels] == sorted(label.at for label in labels)


def test_a_square_is_where_its_value_is() -> None:
    mark = charts.Mark(100.0, 50.0, 3, "")
    assert (mark.left, mark.upper) == ("94.5", "44.5")
