"""Sets of observations that raise alerts, and what came of them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from clinical.events import ObservationInput
from clinical.models import Alert, Patient
from clinical.services import observations

WELL: dict[str, Any] = {
    "respiration": 18,
    "spo2": 97,
    "on_oxygen": False,
    "systolic": 125,
    "diastolic": 70,
    "pulse": 80,
    "consciousness": "A",
    "temperature": Decimal("37.0"),
}
# 2 + 1 + 2, nothing red.
MEDIUM = WELL | {"respiration": 21, "spo2": 95, "pulse": 111}
# 2 + 2 + 2 + 1, nothing red.
HIGH = WELL | {"respiration": 22, "spo2": 93, "pulse": 112, "temperature": Decimal("38.5")}
# A red pressure, and no more.
RED = WELL | {"systolic": 88}


def observe(user: User, patient: Patient, measured: dict[str, Any], **changes: Any) -> None:
    observations.record(user, patient.pk, ObservationInput(**(measured | changes)))


def raised(user: User, patient: Patient, measured: dict[str, Any] = HIGH) -> Alert:
    """The alert that these measurements raise."""
    observe(user, patient, measured)
    return newest()


def newest() -> Alert:
    return Alert.objects.order_by("-raised_at", "-id")[0]


def steps(alert: Alert) -> list[str]:
    return list(alert.steps.values_list("kind", flat=True))


def let_pass(time: timedelta) -> None:
    """Lets the timers of all open alerts run for so long."""
    Alert.objects.filter(next_step_at__isnull=False).update(next_step_at=F("next_step_at") - time)


def is_due(alert: Alert, wait: timedelta) -> bool:
    """Whether the next call goes out so long from now, within the time that a test takes."""
    alert.refresh_from_db()
    assert alert.next_step_at is not None
    return abs(alert.next_step_at - timezone.now() - wait) < timedelta(seconds=30)
