"""The timers of alerts: their times stand in the database, and whoever works them off takes each once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from clinical.models import OPEN, Alert, AlertLevel, StepKind
from clinical.services import alert_steps, overdue_alerts
from clinical.services.alert_steps import Outrun, Step

# A round ends, however much is due, so that overdue observations get their turn.
MOST = 500


def work_off() -> int:
    """Takes every step whose time has come; returns how many. Several may do so at once."""
    now = timezone.now()
    due = Alert.objects.filter(state__in=OPEN, next_step_at__lte=now).order_by("next_step_at")
    called = sum(_call_others(alert_id, now) for alert_id in due.values_list("pk", flat=True)[:MOST])
    looked = sum(overdue_alerts.look_after(patient.pk, now) for patient in overdue_alerts.waiting(now))
    return called + looked


@transaction.atomic
def _call_others(alert_id: UUID, now: datetime) -> bool:
    """Climbs one level and sets the timer anew; the last level is called again and again.

    False where somebody acted meanwhile, or another process has it.
    """
    due = Alert.objects.filter(pk=alert_id, state__in=OPEN, next_step_at__lte=now)
    alert = alert_steps.locked(due, skip=True).first()
    if alert is None:
        return False
    level = min(alert.level + 1, AlertLevel.IN_CHARGE)
    again = level == AlertLevel.AGAIN or level == alert.level
    step = Step(StepKind.RENOTIFIED if again else StepKind.ESCALATED, now)
    next_step_at = now + alert_steps.patience(alert.state, alert.severity)
    try:
        told = alert_steps.take(alert, step, level=level, next_step_at=next_step_at)
    except Outrun:
        return False
    alert_steps.publish([told])
    return True
