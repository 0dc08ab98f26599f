"""Scoring decisions: what was decided about score and intervals of one stay, and until when it holds."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinical.applicability import NotScored
from clinical.models.patients import Patient


class ScoringDecision(models.Model):
    """A target of 88-92 %, a reason not to score, or another interval than the score asks for.

    Dated, and revoked rather than deleted.
    """

    class Kind(models.TextChoices):
        SPO2_SCALE_2 = "spo2-scale-2", _("SpO₂ scale 2: prescribed target of 88-92 %")
        PREGNANT = NotScored.PREGNANT.value, _("Not scored: pregnant")
        END_OF_LIFE = NotScored.END_OF_LIFE.value, _("Not scored: end-of-life plan")
        FREQUENCY = "frequency", _("Another interval of observation")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="scoring_decisions")
    kind = models.CharField(max_length=12, choices=Kind)
    # Null for what was a mark at the patient before decisions had an author.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="None is for the whole stay")
    reason = models.CharField(max_length=200)
    # Of a frequency only: how often, and what the score asked for when that was decided, if anything.
    interval = models.DurationField(null=True)
    instead_of = models.DurationField(null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-decided_at", "-id"]
        indexes = [models.Index(fields=["patient", "-decided_at"], name="decisions_of_patient")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True)
                | Q(kind__in=["spo2-scale-2", "frequency"], until__gt=models.F("decided_at")),
                name="who_ends_by_itself",
            ),
            models.CheckConstraint(
                condition=Q(kind="frequency", interval__isnull=False, until__isnull=False)
                | (~Q(kind="frequency") & Q(interval__isnull=True, instead_of__isnull=True)),
                name="frequency_with_interval_and_end",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at that time."""
        return self.revoked_at is None and (self.until is None or at < self.until)

    def held(self, at: datetime) -> bool:
        """Whether it was in force at that time, whatever has become of it since."""
        return self.decided_at <= at and all(end is None or at < end for end in (self.until, self.revoked_at))
