"""What a row of the board says in words; `static/clinical/js/bed_row.js` says the same of later updates.

Both are held together by tests/js/bed_rows.json. A row comes as on the wire: camelCase keys, JSON values.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

NOTHING = "\N{EN DASH}"
BANDS = {
    "high": "High",
    "medium": "Medium",
    "low-medium": "Low\N{EN DASH}medium",
    "low": "Low",
    "routine": "Routine",
    "unknown": "Unknown",
    "none": "No observations",
}
# What a wall display counts: everything that somebody must look after, in that order.
COUNTED = ("high", "medium", "low-medium", "unknown", "none")


class Vital(NamedTuple):
    """A column of the board: the name of its part in the score, its heading, and its name in full."""

    part: str
    heading: str
    title: str


VITALS = (
    Vital("respiration", "Resp", "Respiration, breaths a minute"),
    Vital("spo2", "SpO₂", "Oxygen saturation, %"),
    Vital("oxygen", "Air/O₂", "Breathing air or given oxygen"),
    Vital("systolic", "BP", "Blood pressure, mmHg"),
    Vital("pulse", "Pulse", "Pulse, beats a minute"),
    Vital("consciousness", "ACVPU", "Alert, new confusion, voice, pain, unresponsive"),
    Vital("temperature", "Temp", "Temperature, °C"),
)
PART_NAMES = {
    "respiration": "respiration",
    "spo2": "SpO₂",
    "oxygen": "air or oxygen",
    "systolic": "blood pressure",
    "pulse": "pulse",
    "consciousness": "ACVPU",
    "temperature": "temperature",
}


def fields(row: dict[str, Any], now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Everything that the row's template shows, as text."""
    return {
        "patient": row["patientId"],
        "bed": row["bed"],
        "name": row["name"],
        "identity": f"MRN {row['mrn']} · born {_day(row['bornOn'])}",
        "orders": [f"Draft: {order['drugName']}" for order in row["draftOrders"]],
        **_observation(row["observation"], now, zone),
    }


def blank() -> dict[str, Any]:
    """The fields of the row that the browser clones."""
    empty = dict.fromkeys(("patient", "bed", "name", "identity"), "")
    return {**empty, "orders": [], **_NO_OBSERVATION, "band": "", "bandWord": ""}


def counts(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many patients are in each band that counts."""
    found = Counter(row["band"] for row in rows)
    return [{"band": band, "word": BANDS[band], "count": found[band]} for band in COUNTED]


def age(then: datetime, now: datetime) -> str:
    """ "just now", "12 min ago", "3 h 05 min ago", "2 days ago"."""
    minutes = (now - then) // timedelta(minutes=1)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02} min ago"
    days = hours // 24
    return "1 day ago" if days == 1 else f"{days} days ago"


_NO_OBSERVATION: dict[str, Any] = {
    "score": NOTHING,
    "band": "none",
    "bandWord": BANDS["none"],
    "red": "",
    "note": "",
    "scale": "",
    "vitals": [
        {"part": vital.part, "heading": vital.heading, "title": vital.title, "value": NOTHING, "points": ""}
        for vital in VITALS
    ],
    "measuredAt": "",
    "time": "",
    "age": "",
    "recordedBy": "",
}


def _observation(found: dict[str, Any] | None, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    if found is None:
        return _NO_OBSERVATION
    score = found["score"]
    measured_at = datetime.fromisoformat(found["measuredAt"])
    return {
        "score": _total(score),
        "band": score["band"],
        "bandWord": BANDS[score["band"]],
        "red": "RED" if score["red"] else "",
        "note": _partial(score["missing"]),
        "scale": "SpO₂ scale 2" if found["spo2Scale"] == 2 else "",
        "vitals": _vitals(found),
        "measuredAt": found["measuredAt"],
        "time": f"{measured_at.astimezone(zone):%H:%M}",
        "age": age(measured_at, now),
        "recordedBy": found["recordedBy"],
    }


def _total(score: dict[str, Any]) -> str:
    if score["total"] is not None:
        return str(score["total"])
    # A partial set has no total; what is certain of it must still be seen.
    return f"≥{score['lowerBound']}" if score["lowerBound"] else "?"


def _partial(missing: list[str]) -> str:
    if not missing:
        return ""
    if len(missing) > 2:
        return f"partial: {len(missing)} values missing"
    return f"partial: no {' and no '.join(PART_NAMES[part] for part in missing)}"


def _vitals(found: dict[str, Any]) -> list[dict[str, str]]:
    parts, values = found["score"]["parts"], _values(found)
    return [
        {
            "part": vital.part,
            "heading": vital.heading,
            "title": vital.title,
            "value": values[vital.part],
            "points": str(parts[vital.part]) if parts[vital.part] else "",
        }
        for vital in VITALS
    ]


def _values(found: dict[str, Any]) -> dict[str, str]:
    oxygen = {None: NOTHING, True: "O₂", False: "air"}[found["onOxygen"]]
    temperature = found["temperature"]
    return {
        "respiration": _number(found["respiration"]),
        "spo2": _number(found["spo2"]),
        "oxygen": oxygen,
        "systolic": _pressure(found["systolic"], found["diastolic"]),
        "pulse": _number(found["pulse"]),
        "consciousness": found["consciousness"] or NOTHING,
        "temperature": NOTHING if temperature is None else _charted(temperature),
    }


def _charted(temperature: float) -> str:
    """With one decimal, half up, as it was scored: 38.05 scores as 38.1 and must not read 38.0."""
    return str(Decimal(str(temperature)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _number(value: int | None) -> str:
    return NOTHING if value is None else str(value)


def _pressure(systolic: int | None, diastolic: int | None) -> str:
    if systolic is None and diastolic is None:
        return NOTHING
    return f"{_number(systolic)}/{_number(diastolic)}"


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%b %Y}"
