"""Charts of observations: where values stand in a drawing. Pure arithmetic; the markup is the template's.

They are plain line drawings of our own. The College's observation chart may not be altered, so nothing here
imitates it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from clinical import words

WIDTH, HEIGHT = 640, 150
# Of the area with the values: what is left, above, right and below belongs to the labels.
LEFT, TOP, RIGHT, BOTTOM = 40, 8, 632, 126
# The mark of a value that scored three points.
SQUARE = 11
# Hours between two marks of the time axis, for windows of up to so many hours.
STEPS = ((12, 2), (24, 4), (48, 8), (96, 12), (240, 24))


class Reading(NamedTuple):
    """A value of one set; None where it was not measured. `points` are those that it scored."""

    at: datetime
    value: float | None
    points: int | None = None
    # Until when the next set was to come, so that a line to a later one would claim what nobody saw.
    joined_until: datetime | None = None


class Axis(NamedTuple):
    """The least and the greatest value of an ordinary chart, and the distance of its marks."""

    low: int
    high: int
    step: int

    def holding(self, values: Sequence[float]) -> "Axis":
        """Wide enough for these values as well: none may be drawn where it is not."""
        low, high = self.low, self.high
        while values and min(values) < low:
            low -= self.step
        while values and max(values) > high:
            high += self.step
        return Axis(low, high, self.step)


class Window(NamedTuple):
    """The time that a chart shows."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> float:
        return (self.end - self.start) / timedelta(hours=1)


class Mark(NamedTuple):
    x: float
    y: float
    points: int
    # "21 at 14:30, 2 points": what a pointer that rests on it is told.
    title: str

    @property
    def left(self) -> str:
        """Of the square around it; text, because a language may write numbers with commas."""
        return f"{self.x - SQUARE / 2:.1f}"

    @property
    def upper(self) -> str:
        return f"{self.y - SQUARE / 2:.1f}"


class Label(NamedTuple):
    at: float
    text: str


@dataclass(frozen=True)
class Line:
    """One series: its unbroken pieces as SVG points, and a mark for every value."""

    name: str
    pieces: list[str]
    marks: list[Mark]


@dataclass(frozen=True)
class Chart:
    """A drawing of WIDTH by HEIGHT units."""

    heading: str
    lines: list[Line]
    values: list[Label]
    times: list[Label]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM

    @property
    def is_empty(self) -> bool:
        return not any(line.marks for line in self.lines)


def chart(
    heading: str,
    series: dict[str, Sequence[Reading]],
    axis: Axis,
    window: Window,
    zone: ZoneInfo,
    titled: Callable[[Reading], str],
) -> Chart:
    """One chart of one or more series over the same axis; readings are in order of time."""
    inside = {
        name: [each for each in readings if window.start <= each.at <= window.end]
        for name, readings in series.items()
    }
    known = [each.value for readings in inside.values() for each in readings if each.value is not None]
    axis = axis.holding(known)
    return Chart(
        heading=heading,
        lines=[_line(name, readings, axis, window, titled) for name, readings in inside.items()],
        values=[Label(_y(value, axis), str(value)) for value in range(axis.low, axis.high + 1, axis.step)],
        times=_times(window, zone),
    )


def pieces(readings: Sequence[Reading]) -> list[list[Reading]]:
    """The readings that a line may join: none across a value that is missing or a set that did not come."""
    found: list[list[Reading]] = []
    before: Reading | None = None
    for reading in readings:
        if reading.value is not None:
            if before is None or not _joined(before, reading):
                found.append([])
            found[-1].append(reading)
        before = reading if reading.value is not None else None
    return found


def _joined(before: Reading, after: Reading) -> bool:
    return before.joined_until is None or after.at <= before.joined_until


def _line(
    name: str, readings: Sequence[Reading], axis: Axis, window: Window, titled: Callable[[Reading], str]
) -> Line:
    drawn = [
        " ".join(f"{_x(each.at, window):.1f},{_y(each.value or 0, axis):.1f}" for each in piece)
        for piece in pieces(readings)
        if len(piece) > 1
    ]
    marks = [
        Mark(round(_x(each.at, window), 1), round(_y(each.value, axis), 1), each.points or 0, titled(each))
        for each in readings
        if each.value is not None
    ]
    return Line(name, drawn, marks)


def _x(at: datetime, window: Window) -> float:
    share = (at - window.start) / (window.end - window.start)
    return LEFT + share * (RIGHT - LEFT)


def _y(value: float, axis: Axis) -> float:
    return BOTTOM - (value - axis.low) / (axis.high - axis.low) * (BOTTOM - TOP)


def _times(window: Window, zone: ZoneInfo) -> list[Label]:
    """Marks at full hours of the ward's own clock, with the day at the first one of it."""
    step = next((step for hours, step in STEPS if window.hours <= hours), 48)
    local = window.start.astimezone(zone).replace(minute=0, second=0, microsecond=0)
    hours = [local + timedelta(hours=number) for number in range(int(window.hours) + 2)]
    shown = [hour for hour in hours if hour.hour % min(step, 24) == 0 and window.start <= hour <= window.end]
    labels = [Label(round(_x(hour, window), 1), f"{hour:%H:%M}") for hour in shown]
    days = [words.short_day(hour) for hour in shown]
    changed = [True, *(before != after for before, after in pairwise(days))]
    return [
        label._replace(text=f"{day} {label.text}") if is_new else label
        for label, day, is_new in zip(labels, days, changed, strict=True)
    ]
