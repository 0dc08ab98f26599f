"""Admitting, moving, changing and discharging patients; every board concerned hears of it."""

import uuid
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from clinical.events import PatientChanged, PatientLeft, ward_feed
from clinical.models import Movement, Patient, Ward
from clinical.services import alerts, bed_assignments, board
from hubs.errors import HubError
from hubs.feeds.append import append_all

CHANGEABLE = frozenset({"mrn", "given_name", "family_name", "born_on", "ward", "bed"})


class InvalidPatient(HubError):
    """Particulars or a bed that cannot be. `errors` has the text by field; "" is the patient as a whole."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        texts = (f"{name.replace('_', ' ')}: {text}" if name else text for name, text in errors.items())
        super().__init__(" ".join(texts))


@dataclass(frozen=True)
class Cause:
    """Who moves somebody and why; `id` is that of the form, so that one sent twice moves once."""

    by: User | None = None
    reason: str = ""
    id: UUID = field(default_factory=uuid.uuid4)


def admit(*, ward: Ward, bed: str, cause: Cause | None = None, **particulars: Any) -> Patient:
    """A new patient in a bed: besides `mrn`, `given_name`, `family_name`, `born_on`."""
    return _write(Patient(), {**particulars, "ward": ward, "bed": bed}, cause)


def change(patient_id: UUID, *, cause: Cause | None = None, **changes: Any) -> Patient:
    """The patient with other particulars, or in another bed, or both; an unknown id raises DoesNotExist."""
    with transaction.atomic():
        return _write(Patient.objects.select_for_update().get(pk=patient_id), changes, cause)


def move(patient_id: UUID, ward: Ward, bed: str, cause: Cause | None = None) -> Patient:
    """The patient in another bed; somebody who was discharged begins a new stay."""
    return change(patient_id, ward=ward, bed=bed, cause=cause)


def discharge(patient_id: UUID, cause: Cause | None = None) -> Patient:
    """The patient without a bed."""
    return change(patient_id, ward=None, bed="", cause=cause)


def swap(one: Patient, other: Patient, cause: Cause) -> None:
    """Each in the other's bed, both on one ward; call it with both rows locked."""
    ward, beds = one.ward, (other.bed, one.bed)
    with transaction.atomic():
        # No bed takes two: both stand beside theirs for a moment, which nobody sees.
        Patient.objects.filter(pk__in=[one.pk, other.pk]).update(ward=None, bed="")
        _write(one, {"ward": ward, "bed": beds[0]}, cause)
        _write(other, {"ward": ward, "bed": beds[1]}, Cause(cause.by, cause.reason))


def _write(patient: Patient, changes: dict[str, Any], cause: Cause | None) -> Patient:
    if unknown := changes.keys() - CHANGEABLE:
        raise TypeError(f"A patient has no {', '.join(sorted(unknown))} to be changed.")
    left, left_bed = patient.ward_id, patient.bed
    for name, value in changes.items():
        setattr(patient, name, value)
    if left is None and patient.ward_id is not None:
        patient.admitted_at = timezone.now()
        patient.flags = []
    if (left, left_bed) != (patient.ward_id, patient.bed):
        patient.nurse, patient.nurse_until = bed_assignments.holder(patient.ward_id, patient.bed)
    patient.version += 1
    try:
        with transaction.atomic():
            patient.full_clean()
            patient.save()
            _remember(patient, left, left_bed, cause or Cause())
            _tell(patient, left, cause.by if cause else None)
    except ValidationError as error:
        raise InvalidPatient(_texts(error)) from None
    except IntegrityError:
        # Somebody else took the bed or the number between the check and the write.
        raise InvalidPatient({"": _("This bed or this number was taken a moment ago.")}) from None
    return patient


def _remember(patient: Patient, left: str | None, left_bed: str, cause: Cause) -> None:
    """Writes the movement down, if it was one."""
    if (left, left_bed) == (patient.ward_id, patient.bed):
        return
    Movement.objects.create(
        id=cause.id,
        patient=patient,
        kind=_kind(left, patient.ward_id),
        from_ward_id=left,
        from_bed=left_bed,
        to_ward_id=patient.ward_id,
        to_bed=patient.bed,
        at=(patient.admitted_at if left is None else None) or patient.time_of_stay(),
        by=cause.by,
        reason=cause.reason,
    )


def _kind(left: str | None, entered: str | None) -> Movement.Kind:
    if left is None:
        return Movement.Kind.ADMISSION
    if entered is None:
        return Movement.Kind.DISCHARGE
    return Movement.Kind.BED_CHANGE if left == entered else Movement.Kind.TRANSFER


def _tell(patient: Patient, left: str | None, by: User | None) -> None:
    """Tells the wards concerned, in one call that locks them in order: crossing moves cannot deadlock."""
    events: dict[str, PatientChanged | PatientLeft] = {}
    if left is not None:
        events[left] = PatientLeft(patient_id=patient.pk, version=patient.version)
    if patient.ward_id is not None:
        events[patient.ward_id] = PatientChanged(row=board.rows([patient])[0])
    told = [(ward_feed(ward_id), event) for ward_id, event in events.items()]
    append_all([*told, *alerts.on_move(patient, left, by)])


def _texts(error: ValidationError) -> dict[str, str]:
    texts = {name: " ".join(messages) for name, messages in error.message_dict.items()}
    if whole := texts.pop(NON_FIELD_ERRORS, None):
        texts[""] = whole
    return texts
