"""What the board says of an open alert; `static/clinical/js/alert_words.js` says the same of later ones."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinical.words import PART_NAMES, age

# Asterisks as monitors have them, so that colour says nothing alone.
SIGNS = {"high": "***", "medium": "**", "low": "*"}
SEVERITIES = {
    "high": gettext_lazy("High alert"),
    "medium": gettext_lazy("Medium alert"),
    "low": gettext_lazy("Low alert"),
}


def fields(alert: dict[str, Any], now: datetime) -> dict[str, str]:
    """An alert as on the wire, as texts: severity, what it is about, whose it is, since when."""
    return {
        "severity": alert["severity"],
        "severityWord": str(SEVERITIES[alert["severity"]]),
        "sign": SIGNS[alert["severity"]],
        "reason": _reason(alert),
        "owner": _owner(alert),
        "raisedAt": alert["raisedAt"],
        "alertAge": age(datetime.fromisoformat(alert["raisedAt"]), now),
    }


def _reason(alert: dict[str, Any]) -> str:
    if alert["kind"] == "score":
        least = "≥" if alert.get("atLeast") else ""
        return _("NEWS2 %(score)s") % {"score": f"{least}{alert['score']}"}
    if alert["kind"] == "red":
        return _("RED: %(parts)s") % {"parts": ", ".join(str(PART_NAMES[part]) for part in alert["red"])}
    return _("Observations overdue")


def _owner(alert: dict[str, Any]) -> str:
    """Whose it is, and how far it has climbed where that was needed."""
    called = {1: _("called again"), 2: _("senior doctor called"), 3: _("nurse in charge called")}
    owner = alert["owner"] or _("nobody yet")
    if alert["level"]:
        return f"{owner}, {called[alert['level']]}"
    bedside = _("at the bedside")
    return f"{owner}, {bedside}" if alert["state"] == "in_progress" else owner
