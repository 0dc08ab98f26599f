"""Observation sets: what was measured at a bedside at one moment."""

import uuid
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinical.models.patients import Patient


class Consciousness(models.TextChoices):
    """ACVPU; confusion counts as new when that is not known."""

    ALERT = "A", "alert"
    CONFUSED = "C", "new confusion"
    VOICE = "V", "responds to voice"
    PAIN = "P", "responds to pain"
    UNRESPONSIVE = "U", "unresponsive"


class WriteOnce(models.QuerySet["ObservationSet"]):
    """Rows that are added and read, and nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError("An observation set is never changed.")

    def delete(self) -> NoReturn:
        raise TypeError("An observation set is never deleted.")


class ObservationSet(models.Model):
    """One set of vital signs as it was recorded. A missing measurement is None, never 0."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="observation_sets")
    respiration = models.PositiveSmallIntegerField(null=True, help_text="breaths a minute")
    spo2 = models.PositiveSmallIntegerField(null=True, help_text="%")
    # The patient's on that day, so that a later change of it rewrites no score.
    spo2_scale = models.PositiveSmallIntegerField(default=1)
    on_oxygen = models.BooleanField(null=True, help_text="False is air, None is not stated")
    systolic = models.PositiveSmallIntegerField(null=True, help_text="mmHg")
    diastolic = models.PositiveSmallIntegerField(null=True, help_text="mmHg")
    pulse = models.PositiveSmallIntegerField(null=True, help_text="beats a minute")
    consciousness = models.CharField(max_length=1, null=True, choices=Consciousness)
    temperature = models.DecimalField(max_digits=4, decimal_places=2, null=True, help_text="degrees Celsius")
    measured_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WriteOnce.as_manager()

    class Meta:
        ordering = ["-measured_at", "-recorded_at", "-id"]
        indexes = [
            models.Index(fields=["patient", "-measured_at", "-recorded_at", "-id"], name="latest_of_patient")
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(spo2_scale__in=[1, 2]), name="spo2_scale_is_1_or_2")
        ]

    def __str__(self) -> str:
        return f"set {self.id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("An observation set is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("An observation set is never deleted.")
