"""Bed assignments: which nurse looks after which bed of a ward, from when until when."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinical.models.wards import Ward


class BedAssignmentQuerySet(models.QuerySet["BedAssignment"]):
    """One nurse a bed at a time; the services see to that."""

    def in_force(self, at: datetime) -> "BedAssignmentQuerySet":
        return self.filter(ended_at=None, begins_at__lte=at, ends_at__gt=at)


class BedAssignment(models.Model):
    """One nurse and one bed for the rest of a shift; ended rather than deleted. It opens nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="bed_assignments")
    bed = models.CharField(max_length=10)
    nurse = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = BedAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["-begins_at", "-id"]
        indexes = [models.Index(fields=["ward", "bed", "-ends_at"], name="assignments_of_bed")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="bed_assignment_ends_after_begin"
            )
        ]

    def __str__(self) -> str:
        return f"bed {self.bed} of {self.ward_id}"
