"""What was decided of how often a patient is observed, as the pages of the patient show it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from clinical.models import ScoringDecision
from clinical.services.frequencies import is_outdone
from clinical.words import span


def rows(
    decisions: Iterable[ScoringDecision], asked: timedelta | None, now: datetime
) -> list[dict[str, Any]]:
    """Those of the decisions that are about intervals; `asked` is what the score asks for."""
    return [
        {
            "pk": each.pk,
            "span": span(each.interval.total_seconds() // 60),
            "since": each.decided_at,
            "until": each.until,
            "by": each.decided_by.display_name if each.decided_by else "",
            "by_id": each.decided_by_id,
            "reason": each.reason,
            "holds": each.holds(now),
            "is_outdone": each.holds(now) and is_outdone(each, asked),
            "revoked_by": each.revoked_by.display_name if each.revoked_by else "",
            "revoked_at": each.revoked_at,
        }
        for each in decisions
        if each.interval is not None
    ]
