"""Recording that somebody is shown wards which only their role opens."""

from uuid import UUID

from accounts.models import Role, User
from clinical import access
from clinical.models import AccessRecord, Patient, Ward
from hubs.connection_tokens import shown


def open_ward(user: User, ward_id: str, door: AccessRecord.Door, connection_id: str = "") -> Ward:
    """The ward for somebody who is about to be shown it, and may be; an admin's access is recorded."""
    ward = access.ward_for(user, ward_id)
    note(user, ward.pk, door, connection_id)
    return ward


def open_patient(user: User, patient_id: UUID, door: AccessRecord.Door) -> Patient:
    """The same for a patient: recorded is the ward on which they lie."""
    patient = access.patient_for(user, patient_id)
    note(user, patient.ward_id, door)
    return patient


def note(user: User, ward_id: str | None, door: AccessRecord.Door, connection_id: str = "") -> None:
    """Records an admin's access to one ward, or with None to all; call it before anything is shown."""
    if user.role == Role.ADMIN:
        AccessRecord.objects.create(user=user, ward_id=ward_id, door=door, connection=shown(connection_id))
