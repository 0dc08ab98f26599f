"""What the page of one patient is made of: newest set, charts, table of sets, alerts, orders, timeline."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinical import alert_words, bed_rows, charts, frequency_rows, privacy, timeline
from clinical.charts import Axis, Chart, Reading, Window
from clinical.intervals import interval_of
from clinical.models import Flag, ObservationSet, Patient, ScoringDecision
from clinical.privacy import Privacy
from clinical.services import alert_steps, board, due, frequencies, observations, record, schedules
from clinical.words import FLAGS, decimal

# Hours of the charts that somebody may choose; the first is shown to begin with.
WINDOWS = (24, 12, 72)


class Drawing(NamedTuple):
    """A chart: its heading, its ordinary axis, and its lines as (name, field of a set, part of the score)."""

    heading: Any
    axis: Axis
    lines: tuple[tuple[Any, str, str], ...]


DRAWINGS = (
    Drawing(gettext_lazy("NEWS2"), Axis(0, 12, 3), ((gettext_lazy("total"), "score", ""),)),
    Drawing(
        gettext_lazy("Respiration, breaths a minute"),
        Axis(5, 35, 5),
        ((gettext_lazy("respiration"), "respiration", "respiration"),),
    ),
    Drawing(gettext_lazy("SpO₂, %"), Axis(80, 100, 5), ((gettext_lazy("SpO₂"), "spo2", "spo2"),)),
    Drawing(
        gettext_lazy("Blood pressure, mmHg"),
        Axis(40, 200, 40),
        (
            (gettext_lazy("systolic"), "systolic", "systolic"),
            (gettext_lazy("diastolic"), "diastolic", ""),
        ),
    ),
    Drawing(
        gettext_lazy("Pulse, beats a minute"), Axis(40, 160, 30), ((gettext_lazy("pulse"), "pulse", "pulse"),)
    ),
    Drawing(
        gettext_lazy("Temperature, °C"),
        Axis(34, 41, 1),
        ((gettext_lazy("temperature"), "temperature", "temperature"),),
    ),
)


def context(patient: Patient, now: datetime, mode: Privacy, hours: int) -> dict[str, Any]:
    """The page as of now; in a mode that hides who somebody is, it hides it here too."""
    zone = ZoneInfo(settings.TIME_ZONE)
    found = record.of(patient)
    row = privacy.row(msgspec.to_builtins(board.rows([patient])[0]), mode)
    window = Window(now - timedelta(hours=hours), now)
    views = [msgspec.to_builtins(alert_steps.view(alert)) for alert in found.alerts]
    return {
        "patient": patient,
        "ward": patient.ward,
        "row": bed_rows.fields({**row, "alerts": views}, now, zone),
        "vitals": bed_rows.VITALS,
        "charts": drawn(found.counting, window, zone, found.decisions),
        "flags": _flags(found.flags, row.get("flags", []), mode),
        "frequencies": _frequencies(patient, found.decisions, now, mode),
        "alerts": [alert_words.fields(view, now) for view in views],
        "sets": [_line(each, now, zone, mode) for each in found.counting if each.measured_at >= window.start],
        "timeline": timeline.entries(found) if mode == Privacy.FULL else [],
        "is_cut": found.is_cut,
        "hours": hours,
        "windows": sorted(WINDOWS),
        "privacy": mode,
        "now": now,
        "time_zone": settings.TIME_ZONE,
    }


def _frequencies(
    patient: Patient, decisions: Sequence[ScoringDecision], now: datetime, mode: Privacy
) -> list[dict[str, Any]]:
    """The decisions about intervals that hold, newest first; their reasons go with the name."""
    holding = [each for each in decisions if each.holds(now)]
    if not any(each.interval for each in holding):
        return []
    rows = frequency_rows.rows(holding, schedules.asked_of(patient, holding), now)
    return rows if mode == Privacy.FULL else [{**each, "reason": ""} for each in rows]


def _flags(found: Iterable[Flag], shown: Sequence[str], mode: Privacy) -> list[dict[str, Any]]:
    """The flags of a row with their notes, which go with the name."""
    notes = {flag.kind: flag.note for flag in found if flag.cleared_at is None and mode == Privacy.FULL}
    return [{"kind": kind, "word": FLAGS[kind], "note": notes.get(kind, "")} for kind in shown]


def drawn(
    sets: Sequence[ObservationSet],
    window: Window,
    zone: ZoneInfo,
    decisions: Sequence[ScoringDecision] = (),
) -> list[Chart]:
    """The charts of these sets; they and the decisions come newest first."""
    in_order = sorted(sets, key=lambda each: each.measured_at)
    scored = [(each, observations.score_of(each)) for each in in_order]
    until = {each.pk: _joined_until(each, decisions) for each in in_order}
    return [
        charts.chart(
            str(drawing.heading),
            {
                str(name): [_reading(each, score, field, part, until[each.pk]) for each, score in scored]
                for name, field, part in drawing.lines
            },
            drawing.axis,
            window,
            zone,
            _titled(zone),
        )
        for drawing in DRAWINGS
    ]


def _reading(each: ObservationSet, score: Any, field: str, part: str, joined_until: datetime) -> Reading:
    value = getattr(each, field)
    points = getattr(score.parts, part) if part else None
    return Reading(each.measured_at, None if value is None else float(value), points, joined_until)


def _joined_until(each: ObservationSet, decisions: Sequence[ScoringDecision]) -> datetime:
    """Until when the next set was to be there, before it counted as missed."""
    decided = frequencies.at(decisions, each.measured_at)
    interval = decided or interval_of("routine" if each.not_scored else each.band)
    return due.missed_at(each.measured_at + interval, interval)


def _titled(zone: ZoneInfo) -> Callable[[Reading], str]:
    def title(reading: Reading) -> str:
        time = f"{reading.at.astimezone(zone):%H:%M}"
        words = _("%(value)s at %(time)s") % {"value": _number(reading.value), "time": time}
        return words + (_(", %(points)s points") % {"points": reading.points} if reading.points else "")

    return title


def _number(value: float | None) -> str:
    """As short as it can be: most are whole."""
    return decimal(Decimal(f"{value:g}"))


def _line(each: ObservationSet, now: datetime, zone: ZoneInfo, mode: Privacy) -> dict[str, Any]:
    """A line of the table: the same words as on the board."""
    found = privacy.observation(msgspec.to_builtins(observations.summary(each)), mode)
    row: dict[str, Any] = {"patientId": "", "bed": "", "name": "", "mrn": "", "draftOrders": []}
    return {**bed_rows.fields({**row, "observation": found}, now, zone), "at": each.measured_at}
