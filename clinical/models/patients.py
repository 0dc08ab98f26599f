"""Patients: who they are and in which bed they lie."""

import uuid
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinical.applicability import age
from clinical.models.wards import Ward

OLDEST = 130

is_code = RegexValidator(r"^[A-Za-z0-9-]+\Z", _("Use letters, digits and hyphens."))


def is_birthday(born_on: date) -> None:
    """Raises ValidationError for somebody who is not born yet, or older than anybody."""
    if not 0 <= age(born_on, timezone.localdate()) <= OLDEST:
        raise ValidationError(_("The date must lie in the last %(years)s years.") % {"years": OLDEST})


class Patient(models.Model):
    """A person; in a bed of a ward while admitted, without ward and bed otherwise."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mrn = models.CharField("medical record number", max_length=20, unique=True, validators=[is_code])
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    born_on = models.DateField("date of birth", validators=[is_birthday])
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, null=True, blank=True, related_name="patients")
    bed = models.CharField(max_length=10, blank=True, validators=[is_code])
    # What was recorded before belongs to an earlier stay and never shows on a board.
    admitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Digests for the board, which would otherwise search for them: the flags of the present stay, by their
    # kinds, and who looks after the bed; `Flag` and `BedAssignment` have the history.
    flags = models.JSONField(default=list, blank=True, editable=False)
    nurse = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    nurse_until = models.DateTimeField(null=True, blank=True, editable=False)
    # Raised by every write that a board shows, so that applying an event late or twice is harmless.
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["family_name", "given_name"]
        # Nobody has it by role or by being a superuser: whoever runs the system sees no patients by that.
        permissions = [("see_clinical_rows", "Can see clinical rows in the administration")]
        constraints = [
            models.UniqueConstraint(
                fields=["ward", "bed"],
                name="one_patient_a_bed",
                violation_error_message=_("This bed is taken."),
            ),
            models.CheckConstraint(
                condition=Q(ward__isnull=True, bed="") | (Q(ward__isnull=False) & ~Q(bed="")),
                name="bed_with_ward",
                violation_error_message=_("A ward needs a bed, and a bed a ward."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.family_name.upper()}, {self.given_name}"

    def time_of_stay(self) -> datetime:
        """Now, and never before the admission: that may have come from a machine whose clock is ahead."""
        now = timezone.now()
        return now if self.admitted_at is None else max(now, self.admitted_at)

    def raise_version(self) -> int:
        """The next version, written. Call it with the row locked."""
        self.version += 1
        self.save(update_fields=["version"])
        return self.version
