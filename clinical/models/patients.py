"""Patients: who they are and in which bed they lie."""

import uuid

from django.db import models
from django.db.models import Q

from clinical.models.wards import Ward


class Patient(models.Model):
    """A person; in a bed of a ward while admitted, without ward and bed otherwise."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mrn = models.CharField("medical record number", max_length=20, unique=True)
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    born_on = models.DateField()
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, null=True, blank=True, related_name="patients")
    bed = models.CharField(max_length=10, blank=True)
    # What was recorded before belongs to an earlier stay and never shows on a board.
    admitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Raised by every write that a board shows, so that applying an event late or twice is harmless.
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["family_name", "given_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["ward", "bed"],
                name="one_patient_a_bed",
                violation_error_message="This bed is taken.",
            ),
            models.CheckConstraint(
                condition=Q(ward__isnull=True, bed="") | (Q(ward__isnull=False) & ~Q(bed="")),
                name="bed_with_ward",
                violation_error_message="A ward needs a bed, and a bed a ward.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.family_name.upper()}, {self.given_name}"
