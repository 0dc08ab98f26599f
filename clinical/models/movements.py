"""Movements: the history of where patients lay, and who put them there."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinical.models.append_only import AppendOnly
from clinical.models.patients import Patient
from clinical.models.wards import Ward


class Movement(AppendOnly):
    """One admission, transfer, change of bed or discharge; a stay lies between the first and the last."""

    class Kind(models.TextChoices):
        ADMISSION = "admission", _("Admission")
        TRANSFER = "transfer", _("Transfer")
        BED_CHANGE = "bed change", _("Bed Change")
        DISCHARGE = "discharge", _("Discharge")

    # Chosen by the form that asked for it, so that a form sent twice moves once.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=Kind)
    from_ward = models.ForeignKey(Ward, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    from_bed = models.CharField(max_length=10, blank=True)
    to_ward = models.ForeignKey(Ward, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    to_bed = models.CharField(max_length=10, blank=True)
    at = models.DateTimeField(editable=False)
    # Null for what no person did: a demo, a gateway, the shell.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["patient", "-at"], name="movements_of_patient"),
            models.Index(fields=["to_ward", "to_bed", "-at"], name="movements_to_bed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
