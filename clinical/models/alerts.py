"""Alerts about patients, and every step that somebody or a timer has taken with them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinical.models.append_only import AppendOnly
from clinical.models.observations import ObservationSet
from clinical.models.patients import Patient
from clinical.models.wards import Ward


class AlertKind(models.TextChoices):
    SCORE = "score", _("NEWS2 score")
    RED = "red", _("red parameter")
    OVERDUE = "overdue", _("observations overdue")


class Severity(models.TextChoices):
    """After IEC 60601-1-8."""

    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


class AlertState(models.TextChoices):
    """The ward is told in the transaction that raises an alert, so "raised" is "notified" too."""

    RAISED = "raised", "waiting"
    ACCEPTED = "accepted", "accepted"
    IN_PROGRESS = "in_progress", "being reviewed"
    RESOLVED = "resolved", "resolved"
    SUPERSEDED = "superseded", "superseded"
    CANCELLED = "cancelled", "cancelled"
    CLOSED = "closed", "closed by a newer set"


OWNED = (AlertState.ACCEPTED, AlertState.IN_PROGRESS)
OPEN = (AlertState.RAISED, *OWNED)


class AlertLevel(models.IntegerChoices):
    """Who has been called so far; a timer climbs one at a time, and the last is called again and again."""

    WARD = 0, "ward"
    AGAIN = 1, "ward, again"
    DOCTOR = 2, "senior doctor"
    IN_CHARGE = 3, "nurse in charge"


class Alert(models.Model):
    """A reason to look after a patient, until somebody has done so.

    It changes by services.alert_steps only, and is never deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="alerts")
    # Where it was raised; a patient who moves takes the open alert along, and the figures stay here.
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=AlertKind)
    severity = models.CharField(max_length=10, choices=Severity)
    state = models.CharField(max_length=12, choices=AlertState, default=AlertState.RAISED)
    level = models.PositiveSmallIntegerField(choices=AlertLevel, default=AlertLevel.WARD)
    # The finding that raised it, however the patient is now; of a partial set the least that is certain.
    score = models.PositiveSmallIntegerField(null=True)
    is_partial = models.BooleanField(default=False)
    red = models.JSONField(default=list)
    due_at = models.DateTimeField(null=True)
    raised_at = models.DateTimeField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # By the first owner.
    accepted_at = models.DateTimeField(null=True)
    # The timer: when the next call goes out unless somebody acts. None once it is closed.
    next_step_at = models.DateTimeField(null=True)
    # Raised by every step, so that applying an event late or twice is harmless.
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["raised_at", "id"]
        indexes = [
            models.Index(fields=["next_step_at"], name="timers_of_alerts", condition=Q(state__in=OPEN)),
            models.Index(fields=["ward", "raised_at"], name="alerts_of_ward"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "kind"], condition=Q(state__in=OPEN), name="one_open_alert_a_kind"
            ),
            models.CheckConstraint(
                condition=~Q(severity=Severity.HIGH, state=AlertState.CLOSED), name="high_never_closes_itself"
            ),
            models.CheckConstraint(
                condition=Q(state__in=OWNED, owner__isnull=False) | ~Q(state__in=OWNED),
                name="accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, next_step_at__isnull=False)
                | (~Q(state__in=OPEN) & Q(next_step_at__isnull=True)),
                name="open_with_timer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} alert {self.id}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def review_is_late(self) -> bool:
        """Its owner has let the time pass, so that somebody else may take it over."""
        return self.state in OWNED and self.level > AlertLevel.WARD


class StepKind(models.TextChoices):
    RAISED = "raised", _("Raised")
    REPEATED = "repeated", _("the same finding again")
    CORRECTED = "corrected", _("its value was corrected")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    RETURNED = "returned", _("given back by its owner")
    STARTED = "started", _("review started")
    RENOTIFIED = "renotified", _("called again")
    ESCALATED = "escalated", _("Escalated")
    MOVED = "moved", _("moved with the patient")
    RESOLVED = "resolved", _("Resolved")
    SUPERSEDED = "superseded", _("Superseded")
    CANCELLED = "cancelled", _("Cancelled")
    CLOSED = "closed", _("Closed")


class DeclineReason(models.TextChoices):
    BUSY = "busy", _("With another patient")
    NOT_MINE = "not-mine", _("Not my patient or not my task")
    OFF_DUTY = "off-duty", _("My shift is over")
    OTHER = "other", _("Another reason (say which)")


class Outcome(models.TextChoices):
    """How a review ended."""

    TREATED = "treated", _("Treatment started or changed")
    WATCHED = "watched", _("Observations more often")
    REFERRED = "referred", _("Referred to critical care or another team")
    UNCHANGED = "unchanged", _("Reviewed, nothing to change")
    OBSERVED = "observed", _("Observations were taken")
    WRONG_VALUE = "wrong-value", _("A value was wrong")
    OTHER = "other", _("Another outcome (say which)")


class CancelReason(models.TextChoices):
    DISCHARGED = "discharged", "Discharged"


class AlertStep(AppendOnly):
    """What happened to an alert, when, and by whom; without an actor a timer did it."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=StepKind)
    # The version that the step has made: no two steps can make the same one.
    version = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    level = models.PositiveSmallIntegerField(choices=AlertLevel)
    # Why it was declined or cancelled, or how it ended: a word of DeclineReason, CancelReason or Outcome.
    reason = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=500, blank=True)
    observation = models.ForeignKey(ObservationSet, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["alert", "version"]
        constraints = [models.UniqueConstraint(fields=["alert", "version"], name="one_step_a_version")]

    def __str__(self) -> str:
        return f"{self.kind} of alert {self.alert_id}"
