"""Setting and clearing the flags of a stay; the ward hears of both."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role, User
from clinical import access
from clinical.events import PatientChanged, ward_feed
from clinical.models import Flag, Patient
from clinical.services import board
from hubs.errors import HubError
from hubs.feeds.append import append

Kind = Flag.Kind
SETTERS = (Role.DOCTOR, Role.NURSE)
# A decision about treatment, which a doctor has to answer for.
DOCTORS_ONLY = frozenset({Kind.DNACPR, Kind.PALLIATIVE})
LONGEST_NOTE = 200


class InvalidFlag(HubError):
    """A flag that cannot be set; the text is for the person who tried."""


@transaction.atomic
def put(user: User, patient_id: UUID, kind: str, note: str = "") -> Flag:
    """Sets a flag for the present stay. One that is there already stays as it is."""
    access.require_role(user, *SETTERS)
    if kind not in Kind.values:
        raise InvalidFlag(_("There is no such flag."))
    if len(note.strip()) > LONGEST_NOTE or not note.strip().isprintable():
        text = _("A note is one line of at most %(count)s characters.")
        raise InvalidFlag(text % {"count": LONGEST_NOTE})
    _require_role(user, kind)
    patient = access.patient_for(user, patient_id, lock=True)
    there = next((flag for flag in of_stay(patient) if flag.kind == kind and flag.cleared_at is None), None)
    if there is not None:
        return there
    flag = Flag.objects.create(
        patient=patient, kind=kind, note=note.strip(), set_by=user, set_at=patient.time_of_stay()
    )
    _tell(patient)
    return flag


@transaction.atomic
def clear(user: User, flag_id: UUID) -> Flag:
    """Takes a flag back; it stays on record. One that is cleared already stays as it is."""
    access.require_role(user, *SETTERS)
    patient_id = Flag.objects.filter(pk=flag_id).values_list("patient", flat=True).first()
    if patient_id is None:
        raise access.Forbidden(access.FORBIDDEN_PATIENT)
    patient = access.patient_for(user, patient_id, lock=True)
    flag = Flag.objects.get(pk=flag_id)
    _require_role(user, flag.kind)
    if flag.cleared_at is None:
        flag.cleared_by, flag.cleared_at = user, max(timezone.now(), flag.set_at)
        flag.save(update_fields=["cleared_by", "cleared_at"])
        _tell(patient)
    return flag


def of_stay(patient: Patient) -> list[Flag]:
    """Those of the present stay, cleared ones too, newest first; one query."""
    found = Flag.objects.filter(patient=patient, set_at__gte=patient.admitted_at)
    return list(found.select_related("set_by", "cleared_by"))


def settable(user: User) -> list[Kind]:
    """The kinds that the user may set and clear."""
    if user.role not in SETTERS:
        return []
    return [kind for kind in Kind if user.role == Role.DOCTOR or kind not in DOCTORS_ONLY]


def _require_role(user: User, kind: str) -> None:
    access.require_role(user, *((Role.DOCTOR,) if kind in DOCTORS_ONLY else SETTERS))


def _tell(patient: Patient) -> None:
    """Rewrites the digest that boards read, and tells the ward."""
    there = {flag.kind for flag in of_stay(patient) if flag.cleared_at is None}
    patient.flags = [kind.value for kind in Kind if kind in there]
    patient.version += 1
    patient.save(update_fields=["flags", "version"])
    append(ward_feed(str(patient.ward_id)), PatientChanged(row=board.rows([patient])[0]))
