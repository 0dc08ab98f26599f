"""Medication orders and the catalogue of drugs that can be ordered."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from clinical.models.patients import Patient


class Drug(models.Model):
    """A drug that the hospital stocks; whatever is not in the catalogue cannot be ordered."""

    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="one_drug_a_name",
                violation_error_message="The catalogue has a drug of this name.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class MedicationOrder(models.Model):
    """A doctor's wish to give a drug to a patient; a draft is not yet an order to anybody."""

    class State(models.TextChoices):
        DRAFT = "draft"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="orders")
    drug = models.ForeignKey(Drug, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["drafted_at", "id"]

    def __str__(self) -> str:
        return f"{self.state} {self.id}"
