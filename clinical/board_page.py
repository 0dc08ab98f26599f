"""What the pages of a ward's board are made of: the board itself, the wall display, the print."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from clinical import bed_rows, privacy
from clinical.events import WardSnapshot, ward_feed
from clinical.models import Ward
from clinical.privacy import Privacy
from clinical.services import board
from hubs.feeds.subscriptions import Position

# In words; which beds each of them shows says `static/clinical/js/filter_state.js`.
FILTERS = (
    {"name": "all", "word": _("All beds")},
    {"name": "urgent", "word": _("NEWS2 5 or RED")},
    {"name": "overdue", "word": _("Observations due")},
    {"name": "alerts", "word": _("Open alerts")},
    {"name": "mine", "word": _("My beds")},
    {"name": "owned", "word": _("My alerts")},
)


def context(ward: Ward, now: datetime, mode: Privacy) -> dict[str, Any]:
    """The board as of now, with what its mode hides left out; the ward was read before."""
    zone = ZoneInfo(settings.TIME_ZONE)
    snapshot = board.snapshot(ward, Position(ward_feed(ward.pk), 0, 0))
    rows = [bed_rows.fields(privacy.row(row, mode), now, zone) for row in _rows(snapshot)]
    return {
        "ward": ward,
        "rows": rows,
        "blank": bed_rows.blank(),
        "counts": bed_rows.counts(rows),
        "vitals": bed_rows.VITALS,
        "filters": FILTERS,
        "privacy": mode,
        "privacies": Privacy,
        "now": now,
        "time_zone": settings.TIME_ZONE,
    }


def _rows(snapshot: WardSnapshot) -> list[dict[str, Any]]:
    """The rows as on the wire, each with its patient's alerts."""
    alerts: list[dict[str, Any]] = msgspec.to_builtins(snapshot.alerts)
    return [
        {**row, "alerts": [alert for alert in alerts if alert["patientId"] == row["patientId"]]}
        for row in msgspec.to_builtins(snapshot.beds)
    ]
