"""Who may see which ward and patient: the only road from an id that somebody sent to an object.

What does not exist is refused with the same text as what is somebody else's.
"""

import re
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from accounts.models import Role, User
from clinical.models import Assignment, Patient, Ward
from hubs.errors import Forbidden as Forbidden

# English on every wire, where programs know them by their words; who shows one to a person translates it.
FORBIDDEN_WARD = gettext_noop("Access to this ward requires matching department assignment.")
FORBIDDEN_PATIENT = gettext_noop("Not found, or not available to you.")
FORBIDDEN_ROLE = gettext_noop("Your role does not allow this.")

SLUG = re.compile(r"[A-Za-z0-9_-]{1,50}")
# What role or department opens stays open until somebody changes them, and that is heard at once.
FOR_GOOD = datetime.max.replace(tzinfo=UTC)


def is_open_by_role(user: User, ward_id: str) -> bool:
    """Whether the ward is the user's department, or the user an admin; asks no database.

    A slug only: no database is asked for what its driver may refuse to carry.
    """
    if not _is_staff(user) or not SLUG.fullmatch(ward_id):
        return False
    return user.role == Role.ADMIN or user.department == ward_id


def require_ward(user: User, ward_id: str) -> datetime:
    """Until when the user may see the ward, there or not. Raises Forbidden for not at all.

    The department decides, and beside it the assignments that are in force.
    """
    if is_open_by_role(user, ward_id):
        return FOR_GOOD
    if _is_staff(user) and SLUG.fullmatch(ward_id):
        found = Assignment.objects.in_force().filter(user=user, ward=ward_id)
        ends = [end or FOR_GOOD for end in found.values_list("ends_at", flat=True)]
        if ends:
            return max(ends)
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
    if patient is None or patient.ward_id is None or not may_see(user, patient.ward_id):
        raise Forbidden(FORBIDDEN_PATIENT)
    return patient


def visible_wards(user: User) -> QuerySet[Ward]:
    """The wards that the user may see."""
    if not _is_staff(user):
        return Ward.objects.none()
    if user.role == Role.ADMIN:
        return Ward.objects.all()
    assigned = Assignment.objects.in_force().filter(user=user)
    return Ward.objects.filter(Q(pk=user.department) | Q(pk__in=assigned.values("ward")))


def visible_patients(user: User) -> QuerySet[Patient]:
    """The admitted patients of the wards that the user may see."""
    return Patient.objects.filter(ward__in=visible_wards(user))


def may_see(user: User, ward_id: str) -> bool:
    """Whether the user may see the ward, there or not."""
    try:
        require_ward(user, ward_id)
    except Forbidden:
        return False
    return True


def is_in_charge(user: User, ward_id: str) -> bool:
    """Whether this is the nurse in charge of the ward, which an assignment says, and no department."""
    if not _is_staff(user) or user.role != Role.NURSE:
        return False
    return Assignment.objects.in_force().filter(user=user, ward=ward_id, in_charge=True).exists()


def require_in_charge(user: User, ward_id: str) -> None:
    """Raises Forbidden unless the user may say who works on the ward: whoever is in charge, and admins."""
    require_ward(user, ward_id)
    if user.role != Role.ADMIN and not is_in_charge(user, ward_id):
        raise Forbidden(FORBIDDEN_ROLE)


def require_wall(user: User, ward_id: str) -> None:
    """Raises Forbidden unless the user is a display on the wall of that ward; asks no database."""
    if not (
        user.is_active and user.is_wall_display and SLUG.fullmatch(ward_id) and user.department == ward_id
    ):
        raise Forbidden(FORBIDDEN_WARD)


def wall_for(user: User, ward_id: str) -> Ward:
    """The ward on whose wall the user hangs."""
    require_wall(user, ward_id)
    ward = Ward.objects.filter(pk=ward_id).first()
    if ward is None:
        raise Forbidden(FORBIDDEN_WARD)
    return ward


def require_role(user: User, *roles: Role) -> None:
    """Raises Forbidden unless the user has one of the roles."""
    if not user.is_active or user.role not in roles:
        raise Forbidden(FORBIDDEN_ROLE)


def _is_staff(user: User) -> bool:
    return user.is_active and user.is_clinical_staff
