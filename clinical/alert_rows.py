"""What an alert in the list says in words; `static/clinical/js/alert_row.js` says the same of later updates.

Both are held together by tests/js/alert_rows.json. An alert comes as on the wire: camelCase keys,
JSON values.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinical.words import BANDS, PART_NAMES, age, clock_time

# Asterisks as monitors have them, so that colour says nothing alone.
SIGNS = {"high": "***", "medium": "**", "low": "*"}
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
CALLED = (
    gettext_lazy("the ward"),
    gettext_lazy("the ward again"),
    gettext_lazy("a senior doctor"),
    gettext_lazy("the nurse in charge"),
)


def fields(alert: dict[str, Any], now: datetime, zone: ZoneInfo, user_id: int) -> dict[str, Any]:
    """Everything that the row's template shows of the alert, as text, and what the user may do with it."""
    raised_at = datetime.fromisoformat(alert["raisedAt"])
    return {
        "alert": alert["id"],
        "patient": alert["patientId"],
        "severity": alert["severity"],
        "sign": SIGNS[alert["severity"]],
        "severityWord": str(BANDS[alert["severity"]]),
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
        words = _("NEWS2 at least %(score)s") if alert["atLeast"] else _("NEWS2 %(score)s")
        score = words % {"score": alert["score"]}
        return _("%(score)s, red: %(parts)s") % {"score": score, "parts": red} if red else score
    if alert["kind"] == "red":
        return _("Red: %(parts)s") % {"parts": red}
    is_late = alert["severity"] == "low"
    words = _("Observations late, due at %(time)s") if is_late else _("Observations missed, due at %(time)s")
    return words % {"time": clock_time(datetime.fromisoformat(alert["dueAt"]), zone)}


def may(alert: dict[str, Any], user_id: int) -> list[str]:
    """The steps that are offered; the services decide. Whose time is over may be relieved by anybody."""
    if alert["state"] == "raised":
        return ["accept", "decline"]
    if alert["ownerId"] != user_id:
        return ["accept"] if alert["level"] > 0 else []
    return ["decline", *(["review"] if alert["state"] == "accepted" else []), "resolve"]


def _state(alert: dict[str, Any]) -> str:
    called = str(CALLED[alert["level"]])
    if alert["state"] == "raised":
        return _("Nobody has accepted. Called: %(called)s") % {"called": called}
    is_accepted = alert["state"] == "accepted"
    words = _("%(owner)s accepted") if is_accepted else _("%(owner)s is at the bedside")
    state = words % {"owner": alert["owner"]}
    if not alert["level"]:
        return state
    return _("%(state)s; time is over. Called: %(called)s") % {"state": state, "called": called}


def _next(alert: dict[str, Any], zone: ZoneInfo) -> str:
    at = clock_time(datetime.fromisoformat(alert["nextStepAt"]), zone)
    called = CALLED[min(alert["level"] + 1, len(CALLED) - 1)]
    return _("%(time)s: calls %(called)s") % {"time": at, "called": called}
