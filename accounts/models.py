"""Users of the hospital: who they are, in which role, and at which department."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    """What somebody does in the hospital; the values stand in tokens, so they never change."""

    DOCTOR = "Doctor"
    NURSE = "Nurse"
    PHARMACIST = "Pharmacist"
    ADMIN = "Admin"
    VISITOR = "Visitor"


CLINICAL_STAFF = frozenset({Role.DOCTOR, Role.NURSE, Role.PHARMACIST, Role.ADMIN})


class User(AbstractUser):
    """A person with a login. `department` is the slug of the ward where they work, empty for none."""

    role = models.CharField(max_length=20, choices=Role, default=Role.VISITOR)
    department = models.SlugField(max_length=50, blank=True)

    @property
    def is_clinical_staff(self) -> bool:
        return self.role in CLINICAL_STAFF

    @property
    def display_name(self) -> str:
        """What a board shows beside their work."""
        return self.get_full_name() or self.username
