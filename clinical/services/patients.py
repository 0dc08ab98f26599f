"""Admitting, moving, changing and discharging patients; every board concerned hears of it."""

from typing import Any
from uuid import UUID

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinical.events import PatientChanged, PatientLeft, ward_feed
from clinical.models import Patient, Ward
from clinical.services import board
from hubs.errors import HubError
from hubs.feeds.append import append_all

CHANGEABLE = frozenset({"mrn", "given_name", "family_name", "born_on", "ward", "bed"})


class InvalidPatient(HubError):
    """Particulars or a bed that cannot be. `errors` has the text by field; "" is the patient as a whole."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        texts = (f"{name.replace('_', ' ')}: {text}" if name else text for name, text in errors.items())
        super().__init__(" ".join(texts))


def admit(*, ward: Ward, bed: str, **particulars: Any) -> Patient:
    """A new patient in a bed: besides `mrn`, `given_name`, `family_name`, `born_on`."""
    return _write(Patient(), {**particulars, "ward": ward, "bed": bed})


def change(patient_id: UUID, **changes: Any) -> Patient:
    """The patient with other particulars, or in another bed, or both; an unknown id raises DoesNotExist."""
    with transaction.atomic():
        return _write(Patient.objects.select_for_update().get(pk=patient_id), changes)


def move(patient_id: UUID, ward: Ward, bed: str) -> Patient:
    """The patient in another bed; somebody who was discharged begins a new stay."""
    return change(patient_id, ward=ward, bed=bed)


def discharge(patient_id: UUID) -> Patient:
    """The patient without a bed."""
    return change(patient_id, ward=None, bed="")


def _write(patient: Patient, changes: dict[str, Any]) -> Patient:
    if unknown := changes.keys() - CHANGEABLE:
        raise TypeError(f"A patient has no {', '.join(sorted(unknown))} to be changed.")
    left = patient.ward_id
    for name, value in changes.items():
        setattr(patient, name, value)
    if left is None and patient.ward_id is not None:
        patient.admitted_at = timezone.now()
    patient.version += 1
    try:
        with transaction.atomic():
            patient.full_clean()
            patient.save()
            _tell(patient, left)
    except ValidationError as error:
        raise InvalidPatient(_texts(error)) from None
    except IntegrityError:
        # Somebody else took the bed or the number between the check and the write.
        raise InvalidPatient({"": "This bed or this number was taken a moment ago."}) from None
    return patient


def _tell(patient: Patient, left: str | None) -> None:
    """Tells the wards concerned, in one call that locks them in order: crossing moves cannot deadlock."""
    events: dict[str, PatientChanged | PatientLeft] = {}
    if left is not None:
        events[left] = PatientLeft(patient_id=patient.pk, version=patient.version)
    if patient.ward_id is not None:
        events[patient.ward_id] = PatientChanged(row=board.rows([patient])[0])
    append_all((ward_feed(ward_id), event) for ward_id, event in events.items())


def _texts(error: ValidationError) -> dict[str, str]:
    texts = {name: " ".join(messages) for name, messages in error.message_dict.items()}
    if whole := texts.pop(NON_FIELD_ERRORS, None):
        texts[""] = whole
    return texts
