"""Observation sets: what was measured at a bedside at one moment, in every version of it."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinical.applicability import NotScored
from clinical.models.append_only import AppendOnly
from clinical.models.patients import Patient


class Consciousness(models.TextChoices):
    """ACVPU; confusion counts as new when that is not known."""

    ALERT = "A", _("alert")
    CONFUSED = "C", _("new confusion")
    VOICE = "V", _("responds to voice")
    PAIN = "P", _("responds to pain")
    UNRESPONSIVE = "U", _("unresponsive")


class MissingReason(models.TextChoices):
    """Why a set is not complete."""

    REFUSED = "refused", _("patient refused")
    ASLEEP = "asleep", _("patient asleep")
    AWAY = "away", _("away from the bed")
    EMERGENCY = "emergency", _("emergency")
    DOCTOR = "doctor", _("at a doctor's request")
    EQUIPMENT = "equipment", _("no working equipment")
    OTHER = "other", _("another reason")


class ObservationSet(AppendOnly):
    """One version of a set of vital signs as it was recorded. A missing measurement is None, never 0.

    A correction is a set of its own that names the one it replaces; the old one stays as it was.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="observation_sets")
    respiration = models.PositiveSmallIntegerField(null=True, help_text="breaths a minute")
    spo2 = models.PositiveSmallIntegerField(null=True, help_text="%")
    # As prescribed on that day, so that a later change of it rewrites no score.
    spo2_scale = models.PositiveSmallIntegerField(default=1)
    on_oxygen = models.BooleanField(null=True, help_text="False is air, None is not stated")
    systolic = models.PositiveSmallIntegerField(null=True, help_text="mmHg")
    diastolic = models.PositiveSmallIntegerField(null=True, help_text="mmHg")
    pulse = models.PositiveSmallIntegerField(null=True, help_text="beats a minute")
    consciousness = models.CharField(max_length=1, null=True, choices=Consciousness)
    temperature = models.DecimalField(max_digits=4, decimal_places=2, null=True, help_text="degrees Celsius")
    missing_reason = models.CharField(max_length=10, blank=True, choices=MissingReason)
    measured_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    # Of the form or program that sent it: the same one again is the same set.
    key = models.UUIDField(null=True, editable=False)

    # As it was on that day too; empty where the set has a score, or would have one if it were complete.
    not_scored = models.CharField(max_length=12, blank=True, choices=[(each, each) for each in NotScored])
    score = models.PositiveSmallIntegerField(null=True, help_text="NEWS2; None for a partial set")
    has_red = models.BooleanField(default=False, help_text="three points in a single measurement")
    band = models.CharField(max_length=12)

    version = models.PositiveSmallIntegerField(default=1)
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="corrected_by")
    correction_reason = models.CharField(max_length=200, blank=True)
    # The correction says that this was never measured of this patient.
    withdrawn = models.BooleanField(default=False)

    class Meta:
        verbose_name = "set of observations"
        ordering = ["-measured_at", "-recorded_at", "-id"]
        indexes = [
            models.Index(fields=["patient", "-measured_at", "-recorded_at", "-id"], name="latest_of_patient")
        ]
        constraints = [
            models.CheckConstraint(condition=Q(spo2_scale__in=[1, 2]), name="spo2_scale_is_1_or_2"),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, version=1, withdrawn=False)
                | (Q(corrects__isnull=False, version__gt=1) & ~Q(correction_reason="")),
                name="correction_with_reason",
            ),
            models.UniqueConstraint(fields=["recorded_by", "key"], name="one_set_a_key"),
        ]

    def __str__(self) -> str:
        return f"set {self.id}"


class ObservationSchedule(models.Model):
    """How a patient's observations stand in this stay: a digest of the sets, rewritten with each.

    It spares the board and the timers a search for the newest set and for the last complete one before it.
    """

    patient = models.OneToOneField(
        Patient, on_delete=models.PROTECT, primary_key=True, related_name="observation_schedule"
    )
    # The patient's admitted_at of the stay that it tells of; that of an earlier one counts for nothing.
    stay = models.DateTimeField()
    newest = models.ForeignKey(ObservationSet, on_delete=models.PROTECT, null=True, related_name="+")
    # The last complete set before a newest one that is complete.
    compared_with = models.ForeignKey(ObservationSet, on_delete=models.PROTECT, null=True, related_name="+")
    interval = models.DurationField(null=True)
    due_at = models.DateTimeField(null=True, db_index=True)
    # The decision by which it is due, null where the score alone says when.
    frequency = models.ForeignKey(
        "clinical.ScoringDecision", on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Why this stay is not scored, as somebody has stated; the age is reckoned when it is asked for.
    not_scored = models.CharField(max_length=12, blank=True, choices=[(each, each) for each in NotScored])

    def __str__(self) -> str:
        return f"schedule of {self.patient_id}"

    @classmethod
    def of_present_stays(cls, **conditions: Any) -> models.QuerySet["ObservationSchedule"]:
        """Those of admitted patients that tell of the stay they are in."""
        return cls.objects.filter(patient__ward__isnull=False, stay=F("patient__admitted_at"), **conditions)

    @property
    def counted_from(self) -> datetime | None:
        """The time of measurement from which the interval runs."""
        return None if self.due_at is None or self.interval is None else self.due_at - self.interval
