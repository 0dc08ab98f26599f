"""What a row of the board says in words; `static/clinical/js/bed_row.js` says the same of later updates.

Both are held together by tests/js/bed_rows.json. A row comes as on the wire: camelCase keys, JSON values,
without the members that have nothing to say.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from clinical import alert_words
from clinical.services import due
from clinical.words import BANDS, FLAGS, NOT_SCORED, NOTHING, clock_time, day, decimal, span
from clinical.words import PART_NAMES as PART_NAMES
from clinical.words import age as age

# What a wall display counts: everything that somebody must look after, in that order.
COUNTED = ("high", "medium", "low-medium", "unknown", "none")


class Vital(NamedTuple):
    """A column of the board: the name of its part in the score, its heading, and its name in full."""

    part: str
    heading: Any
    title: Any


VITALS = (
    Vital("respiration", gettext_lazy("Resp"), gettext_lazy("Respiration, breaths a minute")),
    Vital("spo2", gettext_lazy("SpO₂"), gettext_lazy("Oxygen saturation, %")),
    Vital("oxygen", gettext_lazy("Air/O₂"), gettext_lazy("Breathing air or given oxygen")),
    Vital("systolic", gettext_lazy("BP"), gettext_lazy("Blood pressure, mmHg")),
    Vital("pulse", gettext_lazy("Pulse"), gettext_lazy("Pulse, beats a minute")),
    Vital(
        "consciousness",
        gettext_lazy("ACVPU"),
        gettext_lazy("Alert, new confusion, voice, pain, unresponsive"),
    ),
    Vital("temperature", gettext_lazy("Temp"), gettext_lazy("Temperature, °C")),
)

TRENDS = {
    "up": gettext_lazy("↑ up from %(score)s at %(time)s"),
    "down": gettext_lazy("↓ down from %(score)s at %(time)s"),
    "same": gettext_lazy("→ the same at %(time)s"),
}
DUE = {
    due.DueState.NOT_DUE: gettext_lazy("Next %(time)s"),
    due.DueState.DUE: gettext_lazy("Due %(age)s"),
    due.DueState.LATE: gettext_lazy("Late, due %(age)s"),
    due.DueState.MISSED: gettext_lazy("Missed, due %(age)s"),
}


def fields(row: dict[str, Any], now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Everything that the row's template shows, as text."""
    return {
        "patient": row["patientId"],
        "bed": row["bed"],
        "name": row["name"] or _("Occupied"),
        "identity": _identity(row),
        "flags": [{"kind": kind, "word": str(FLAGS.get(kind, kind))} for kind in row.get("flags", [])],
        **_nurse(row.get("nurse"), now),
        "orders": [_order(order["drugName"]) for order in row["draftOrders"]],
        "alerts": [alert_words.fields(alert, now) for alert in row.get("alerts", [])],
        **_observation(row["observation"], row.get("notScored"), zone),
        **_times(row["observation"], now, zone),
    }


def blank() -> dict[str, Any]:
    """The fields of the row that the browser clones."""
    empty = dict.fromkeys(("patient", "bed", "name", "identity", "nurse", "nurseUntil"), "")
    nothing = {**_unscored(None), **_NO_TIMES, "band": "", "bandWord": ""}
    return {**empty, "flags": [], "orders": [], "alerts": [], **nothing}


def counts(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many patients are in each band that counts."""
    found = Counter(row["band"] for row in rows)
    return [{"band": band, "word": BANDS[band], "count": found[band]} for band in COUNTED]


def _identity(row: dict[str, Any]) -> str:
    if not row["mrn"]:
        return ""
    return _("MRN %(mrn)s · born %(day)s") % {
        "mrn": row["mrn"],
        "day": day(date.fromisoformat(row["bornOn"])),
    }


def _nurse(nurse: dict[str, Any] | None, now: datetime) -> dict[str, str]:
    if nurse is None or datetime.fromisoformat(nurse["until"]) <= now:
        return {"nurse": "", "nurseUntil": ""}
    return {"nurse": _("Nurse: %(name)s") % {"name": nurse["name"]}, "nurseUntil": nurse["until"]}


def _order(drug_name: str) -> str:
    return _("Draft: %(drug)s") % {"drug": drug_name} if drug_name else _("Draft order")


def _unscored(reason: str | None) -> dict[str, Any]:
    """Without a score: nothing recorded yet or, with a reason, nobody whom the score was made for."""
    return {
        "score": NOTHING,
        "band": "not-scored" if reason else "none",
        "bandWord": BANDS["not-scored" if reason else "none"],
        "red": "",
        "note": str(NOT_SCORED[reason]) if reason else "",
        "scale": "",
        "trend": "",
        "vitals": _vitals(None, scored=False),
    }


def _observation(found: dict[str, Any] | None, not_scored: str | None, zone: ZoneInfo) -> dict[str, Any]:
    reason = not_scored or (found or {}).get("notScored")
    if found is None:
        return _unscored(reason)
    if reason:
        return {**_unscored(reason), "vitals": _vitals(found, scored=False)}
    score = found["score"]
    return {
        "score": _total(score),
        "band": score["band"],
        "bandWord": BANDS[score["band"]],
        "red": pgettext("three points in one parameter", "RED") if score["red"] else "",
        "note": _note(found),
        "scale": _("SpO₂ scale 2") if found["spo2Scale"] == 2 else "",
        "trend": _trend(found.get("trend"), zone),
        "vitals": _vitals(found, scored=True),
    }


def _total(score: dict[str, Any]) -> str:
    if score["total"] is not None:
        return str(score["total"])
    # A partial set has no total; what is certain of it must still be seen.
    return f"≥{score['lowerBound']}" if score["lowerBound"] else "?"


def _note(found: dict[str, Any]) -> str:
    corrected = _("corrected") if found.get("version", 1) > 1 else ""
    return " · ".join(filter(None, [_partial(found["score"]["missing"]), corrected]))


def _partial(missing: list[str]) -> str:
    if not missing:
        return ""
    if len(missing) > 2:
        words = ngettext(
            "partial: %(count)s value missing", "partial: %(count)s values missing", len(missing)
        )
        return words % {"count": len(missing)}
    if len(missing) == 1:
        return _("partial: no %(part)s") % {"part": PART_NAMES[missing[0]]}
    return _("partial: no %(part)s and no %(other)s") % {
        "part": PART_NAMES[missing[0]],
        "other": PART_NAMES[missing[1]],
    }


def _trend(trend: dict[str, Any] | None, zone: ZoneInfo) -> str:
    if trend is None:
        return ""
    time = clock_time(datetime.fromisoformat(trend["since"]), zone)
    return str(TRENDS[trend["direction"]]) % {"score": trend["previous"], "time": time}


_NO_TIMES = {
    "measuredAt": "",
    "time": "",
    "age": "",
    "recordedBy": "",
    "dueState": "none",
    "due": "",
    "dueAt": "",
    "interval": "",
    "frequency": "",
}


def _times(found: dict[str, Any] | None, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    if found is None:
        return _NO_TIMES
    measured_at = datetime.fromisoformat(found["measuredAt"])
    measured = {
        "measuredAt": found["measuredAt"],
        "time": clock_time(measured_at, zone),
        "age": age(measured_at, now),
        "recordedBy": found["recordedBy"],
    }
    if "dueAt" not in found:
        return {**_NO_TIMES, **measured}
    at, interval = datetime.fromisoformat(found["dueAt"]), timedelta(minutes=found["intervalMinutes"])
    state = due.state_of(at - interval, interval, now)
    return {
        **measured,
        "dueState": state.value,
        "due": _due(state, at, now, zone),
        "dueAt": found["dueAt"],
        "interval": str(found["intervalMinutes"]),
        "frequency": _frequency(found.get("frequency"), found["intervalMinutes"]),
    }


def _frequency(decided: dict[str, Any] | None, minutes: int) -> str:
    if decided is None:
        return ""
    return _("Every %(span)s by %(person)s") % {"span": span(minutes), "person": decided["by"]}


def _due(state: due.DueState, at: datetime, now: datetime, zone: ZoneInfo) -> str:
    return str(DUE[state]) % {"time": clock_time(at, zone), "age": age(at, now)}


def _vitals(found: dict[str, Any] | None, *, scored: bool) -> list[dict[str, Any]]:
    values = {} if found is None else _values(found)
    parts = found["score"]["parts"] if found is not None and scored else {}
    return [
        {
            **vital,
            "value": values.get(vital["part"], NOTHING),
            "points": str(parts[vital["part"]]) if parts.get(vital["part"]) else "",
        }
        for vital in _columns(get_language())
    ]


@cache
def _columns(language: str | None) -> list[dict[str, str]]:
    """The columns in words of that language: two hundred look-ups less for a ward of 30 beds."""
    return [
        {"part": vital.part, "heading": str(vital.heading), "title": str(vital.title)} for vital in VITALS
    ]


def _values(found: dict[str, Any]) -> dict[str, str]:
    temperature = found["temperature"]
    return {
        "respiration": _number(found["respiration"]),
        "spo2": _number(found["spo2"]),
        "oxygen": _oxygen(found["onOxygen"]),
        "systolic": _pressure(found["systolic"], found["diastolic"]),
        "pulse": _number(found["pulse"]),
        "consciousness": found["consciousness"] or NOTHING,
        "temperature": NOTHING if temperature is None else _charted(temperature),
    }


def _oxygen(given: bool | None) -> str:
    if given is None:
        return NOTHING
    return _("O₂") if given else _("air")


def _charted(temperature: float) -> str:
    """With one decimal, half up, as it was scored: 38.05 scores as 38.1 and must not read 38.0."""
    return decimal(Decimal(str(temperature)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _number(value: int | None) -> str:
    return NOTHING if value is None else str(value)


def _pressure(systolic: int | None, diastolic: int | None) -> str:
    if systolic is None and diastolic is None:
        return NOTHING
    return f"{_number(systolic)}/{_number(diastolic)}"
