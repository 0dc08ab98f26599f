"""Flags: what everybody at a patient's bed must know, who has said so, and who has taken it back."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinical.models.patients import Patient


class Flag(models.Model):
    """One flag of one stay; cleared rather than deleted."""

    class Kind(models.TextChoices):
        """In the order in which a board shows them; `clinical/words.py` has their names."""

        ISOLATION = "isolation"
        DNACPR = "dnacpr"
        FALLS = "falls"
        NIL_BY_MOUTH = "nil-by-mouth"
        PRESSURE = "pressure"
        DIABETES = "diabetes"
        POST_OP = "post-op"
        PALLIATIVE = "palliative"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="all_flags")
    kind = models.CharField(max_length=12, choices=Kind)
    # Which isolation, since which operation: for the patient's page, not for the board.
    note = models.CharField(max_length=200, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-set_at", "-id"]
        indexes = [models.Index(fields=["patient", "-set_at"], name="flags_of_patient")]
        constraints = [
            models.CheckConstraint(
                condition=Q(cleared_at__isnull=True, cleared_by__isnull=True)
                | Q(cleared_at__isnull=False, cleared_by__isnull=False),
                name="flag_cleared_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
