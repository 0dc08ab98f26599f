"""Who may see which ward and patient: the only road from an id that somebody sent to an object.

What does not exist is refused with the same text as what is somebody else's.
"""

import re
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Role, User
from clinical.models import Patient, Ward
from hubs.errors import Forbidden as Forbidden

FORBIDDEN_WARD = "Access to this ward requires matching department assignment."
FORBIDDEN_PATIENT = "This patient is not on a ward that you may see."
FORBIDDEN_ROLE = "Your role does not allow this."

SLUG = re.compile(r"[A-Za-z0-9_-]{1,50}")


def require_ward(user: User, ward_id: str) -> None:
    """Raises Forbidden unless the user may see the ward, there or not; asks no database."""
    if not _may_see(user, ward_id):
        raise Forbidden(FORBIDDEN_WARD)


def ward_for(user: User, ward_id: str) -> Ward:
    """The ward, if the user may see it."""
    require_ward(user, ward_id)
    ward = Ward.objects.filter(pk=ward_id).first()
    if ward is None:
        raise Forbidden(FORBIDDEN_WARD)
    return ward


def patient_for(user: User, patient_id: UUID, *, lock: bool = False) -> Patient:
    """The admitted patient, if the user may see the ward; `lock` holds the row until the transaction ends."""
    patients = Patient.objects.select_for_update() if lock else Patient.objects.all()
    patient = patients.filter(pk=patient_id).first()
    if patient is None or patient.ward_id is None or not _may_see(user, patient.ward_id):
        raise Forbidden(FORBIDDEN_PATIENT)
    return patient


def visible_patients(user: User) -> QuerySet[Patient]:
    """The admitted patients of the wards that the user may see."""
    admitted = Patient.objects.filter(ward__isnull=False)
    if not _is_staff(user):
        return admitted.none()
    return admitted if user.role == Role.ADMIN else admitted.filter(ward=user.department)


def require_role(user: User, *roles: Role) -> None:
    """Raises Forbidden unless the user has one of the roles."""
    if not user.is_active or user.role not in roles:
        raise Forbidden(FORBIDDEN_ROLE)


def _may_see(user: User, ward_id: str) -> bool:
    # A slug only: no database is asked for what its driver may refuse to carry.
    if not _is_staff(user) or not SLUG.fullmatch(ward_id):
        return False
    return user.role == Role.ADMIN or user.department == ward_id


def _is_staff(user: User) -> bool:
    return user.is_active and user.is_clinical_staff
