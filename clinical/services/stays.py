"""What staff of a ward do with beds: admit, transfer, discharge, swap; a form sent twice does it once."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NoReturn
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from accounts.models import Role, User
from clinical import access
from clinical.models import Movement, Patient, Ward
from clinical.services import patients
from clinical.services.patients import Cause, InvalidPatient

MOVERS = (Role.DOCTOR, Role.NURSE)
# Kept in English; a page says it in its own language.
SWAPPED = gettext_noop("beds swapped")
# For so long a ward still finds who has left it, to hand things over and to answer who asks for them.
RECENTLY = timedelta(hours=24)


@dataclass(frozen=True)
class Place:
    """A bed of a ward, as the page showed it that somebody acts upon."""

    ward_id: str
    bed: str


NOWHERE = Place("", "")


@dataclass(frozen=True)
class Person:
    """Whom somebody admits, as they wrote it down."""

    mrn: str
    given_name: str
    family_name: str
    born_on: date


@transaction.atomic
def admit(user: User, to: Place, person: Person, form: UUID) -> Patient:
    """A new patient, or one who was here before, in a bed of a ward that the user may see."""
    access.require_role(user, *MOVERS)
    ward = access.ward_for(user, to.ward_id)
    _lock_ward(ward.pk)  # a second form waits here for the first
    if (done := _done(user, form, to, person)) is not None:
        return done
    known = Patient.objects.select_for_update().filter(mrn=person.mrn).first()
    cause = Cause(user, id=form)
    try:
        if known is None:
            return patients.admit(ward=ward, bed=to.bed, cause=cause, **vars(person))
        _require_free(known, person)
        return patients.move(known.pk, ward, to.bed, cause)
    except InvalidPatient as error:
        _tell_who_was_first(error, to)


@transaction.atomic
def transfer(user: User, patient_id: UUID, seen: Place, to: Place, form: UUID) -> Patient:
    """The patient in another bed, also of a ward that the user may not see: its staff take over."""
    access.require_role(user, *MOVERS)
    _lock(patient_id)
    if (done := _done(user, form, to, patient_id)) is not None:
        return done
    patient = _seen(user, patient_id, seen)
    ward = Ward.objects.filter(pk=to.ward_id).first()
    if ward is None:
        raise InvalidPatient({"ward": _("Choose one of the wards.")})
    if to == seen:
        raise InvalidPatient({"bed": _("The patient is in this bed.")})
    try:
        return patients.move(patient.pk, ward, to.bed, Cause(user, id=form))
    except InvalidPatient as error:
        _tell_who_was_first(error, to)


@transaction.atomic
def discharge(user: User, patient_id: UUID, seen: Place, reason: str, form: UUID) -> Patient:
    """The patient without a bed, which is free again at once."""
    access.require_role(user, *MOVERS)
    _lock(patient_id)
    if (done := _done(user, form, NOWHERE, patient_id, reason)) is not None:
        return done
    patient = _seen(user, patient_id, seen)
    return patients.discharge(patient.pk, Cause(user, reason, form))


@transaction.atomic
def swap(user: User, patient_id: UUID, seen: Place, other_bed: str, form: UUID) -> Patient:
    """Two patients of a ward each in the other's bed; for the nurse in charge of it."""
    # Two who swap the same two patients would otherwise each hold the row that the other waits for.
    _lock_ward(seen.ward_id)
    _lock(patient_id)
    if (done := _done(user, form, Place(seen.ward_id, other_bed), patient_id, SWAPPED)) is not None:
        return done
    patient = _seen(user, patient_id, seen)
    if not access.is_in_charge(user, seen.ward_id):
        raise access.Forbidden(access.FORBIDDEN_ROLE)
    other = Patient.objects.select_for_update().filter(ward=seen.ward_id, bed=other_bed).first()
    if other is None or other == patient:
        raise InvalidPatient({"bed": _("Nobody to swap with is in this bed.")})
    patients.swap(patient, other, Cause(user, SWAPPED, form))
    return patient


def history(patient: Patient) -> QuerySet[Movement]:
    """Where the patient has been during the present stay, newest first."""
    found = patient.movements.select_related("from_ward", "to_ward", "by")
    return found.filter(at__gte=patient.admitted_at) if patient.admitted_at else found.none()


def recently_left(ward: Ward) -> list[Movement]:
    """Who has left the ward a while ago and is not back, newest first; whose record went with them."""
    since = timezone.now() - RECENTLY
    left = Movement.objects.filter(from_ward=ward, at__gte=since).exclude(to_ward=ward)
    found = left.exclude(patient__ward=ward).select_related("patient", "to_ward", "by")
    newest: dict[UUID, Movement] = {}
    for movement in found:
        newest.setdefault(movement.patient_id, movement)
    return list(newest.values())


def _lock(patient_id: UUID) -> None:
    """Holds the row until the transaction ends: who sends a form a second time waits for the first."""
    list(Patient.objects.select_for_update().filter(pk=patient_id))


def _lock_ward(ward_id: str) -> None:
    list(Ward.objects.select_for_update(no_key=True).filter(pk=ward_id))


def _done(user: User, form: UUID, to: Place, who: UUID | Person, reason: str = "") -> Patient | None:
    """The patient whom the same form has moved before; one that says something else now is refused."""
    movement = Movement.objects.filter(pk=form).select_related("patient").first()
    if movement is None:
        return None
    patient: Patient = movement.patient
    was = movement.by_id, Place(movement.to_ward_id or "", movement.to_bed), movement.reason
    if was != (user.pk, to, reason) or not _is(patient, who):
        raise InvalidPatient({"": _("This form has been used already. Load the page again.")})
    return patient


def _is(patient: Patient, who: UUID | Person) -> bool:
    if isinstance(who, UUID):
        return patient.pk == who
    return patient.mrn == who.mrn and _identity(patient) == _identity(who)


def _require_free(known: Patient, person: Person) -> None:
    """Raises InvalidPatient where the number is that of somebody else, or of somebody in a bed."""
    if _identity(known) != _identity(person):
        text = _("This number belongs to somebody with another name or date of birth.")
        raise InvalidPatient({"mrn": text})
    if known.ward_id is not None:
        raise InvalidPatient({"mrn": _("The patient with this number is in a bed already.")})


def _identity(person: Patient | Person) -> tuple[str, str, date]:
    return person.given_name.casefold(), person.family_name.casefold(), person.born_on


def _seen(user: User, patient_id: UUID, seen: Place) -> Patient:
    """The patient, if they are still where the page showed them.

    Otherwise it is said who was first; a ward's own people are told so of somebody who has left it, too.
    """
    try:
        patient = access.patient_for(user, patient_id)
    except access.Forbidden:
        last = Movement.objects.filter(patient=patient_id).select_related("patient").first()
        if last is None or Place(last.from_ward_id or "", last.from_bed) != seen:
            raise
        if not access.may_see(user, seen.ward_id):
            raise
        left = _("The patient has left this bed meanwhile%(by)s. Nothing was changed.")
        raise InvalidPatient({"": left % {"by": _by(last.patient)}}) from None
    if Place(patient.ward_id or "", patient.bed) != seen:
        moved = _("The patient is in bed %(bed)s meanwhile%(by)s. Nothing was changed.")
        raise InvalidPatient({"": moved % {"bed": patient.bed, "by": _by(patient)}})
    return patient


def _tell_who_was_first(error: InvalidPatient, to: Place) -> NoReturn:
    """Raises the error again, saying who has put somebody into the bed if that is why."""
    taken = Patient.objects.filter(ward=to.ward_id, bed=to.bed).first()
    if taken is None or "" not in error.errors:
        raise error
    text = _("Bed %(bed)s is taken%(by)s.") % {"bed": to.bed, "by": _by(taken)}
    raise InvalidPatient({"bed": text}) from None


def _by(patient: Patient) -> str:
    """Who moved the patient last, and when; nothing where that is not known."""
    last = patient.movements.select_related("by").first()
    if last is None:
        return ""
    time = f"{timezone.localtime(last.at):%H:%M}"
    if last.by is None:
        return " " + pgettext("of a move", "since %(time)s") % {"time": time}
    return " " + _("by %(person)s since %(time)s") % {"person": last.by.display_name, "time": time}
