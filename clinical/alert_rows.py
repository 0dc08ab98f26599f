"""What an alert in the list says in words; `static/clinical/js/alert_row.js` says the same of later updates.

Both are held together by tests/js/alert_rows.json. An alert comes as on the wire: camelCase keys,
JSON values.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from clinical.words import PART_NAMES, age, clock_time

# Asterisks as monitors have them, so that colour says nothing alone.
SIGNS = {"high": "***", "medium": "**", "low": "*"}
SEVERITIES = {"high": "High", "medium": "Medium", "low": "Low"}
TEXTS = (
    "alert",
    "patient",
    "severity",
    "sign",
    "severityWord",
    "title",
    "raisedAt",
    "time",
    "age",
    "state",
    "next",
)
# Who has been called, and who will be next; the last is called again.
CALLED = ("the ward", "the ward again", "a senior doctor", "the nurse in charge")


def fields(alert: dict[str, Any], now: datetime, zone: ZoneInfo, user_id: int) -> dict[str, Any]:
    """Everything that the row's template shows of the alert, as text, and what the user may do with it."""
    raised_at = datetime.fromisoformat(alert["raisedAt"])
    return {
        "alert": alert["id"],
        "patient": alert["patientId"],
        "severity": alert["severity"],
        "sign": SIGNS[alert["severity"]],
        "severityWord": SEVERITIES[alert["severity"]],
        "title": title(alert, zone),
        "raisedAt": alert["raisedAt"],
        "time": clock_time(raised_at, zone),
        "age": age(raised_at, now),
        "state": _state(alert),
        "next": _next(alert, zone),
        "may": may(alert, user_id),
    }


def blank() -> dict[str, Any]:
    """The fields of the row that the browser clones."""
    return {**dict.fromkeys(TEXTS, ""), "may": []}


def title(alert: dict[str, Any], zone: ZoneInfo) -> str:
    """What the alert is about."""
    red = ", ".join(str(PART_NAMES[name]) for name in alert["red"])
    if alert["kind"] == "score":
        least = "at least " if alert["atLeast"] else ""
        return f"NEWS2 {least}{alert['score']}" + (f", red: {red}" if red else "")
    if alert["kind"] == "red":
        return f"Red: {red}"
    due_at = clock_time(datetime.fromisoformat(alert["dueAt"]), zone)
    word = "missed" if alert["severity"] != "low" else "late"
    return f"Observations {word}, due at {due_at}"


def may(alert: dict[str, Any], user_id: int) -> list[str]:
    """The steps that are offered; the services decide. Whose time is over may be relieved by anybody."""
    if alert["state"] == "raised":
        return ["accept", "decline"]
    if alert["ownerId"] != user_id:
        return ["accept"] if alert["level"] > 0 else []
    return ["decline", *(["review"] if alert["state"] == "accepted" else []), "resolve"]


def _state(alert: dict[str, Any]) -> str:
    if alert["state"] == "raised":
        return f"Nobody has accepted. Called: {CALLED[alert['level']]}"
    word = "accepted" if alert["state"] == "accepted" else "is at the bedside"
    late = f"; time is over. Called: {CALLED[alert['level']]}" if alert["level"] else ""
    return f"{alert['owner']} {word}{late}"


def _next(alert: dict[str, Any], zone: ZoneInfo) -> str:
    at = clock_time(datetime.fromisoformat(alert["nextStepAt"]), zone)
    return f"{at}: calls {CALLED[min(alert['level'] + 1, len(CALLED) - 1)]}"
