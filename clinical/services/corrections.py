"""Correcting observation sets: a new version takes the place of the old one, which stays as it was."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from clinical import access
from clinical.events import (
    Event,
    ObservationInput,
    ObservationRecorded,
    ObservationSummary,
    PatientChanged,
    ward_feed,
)
from clinical.models import ObservationSchedule, ObservationSet, Patient
from clinical.services import alerts, board, observations, schedules, scoring
from clinical.services.observation_input import MEASUREMENTS, Conflict, InvalidObservation, check
from hubs.feeds.append import append_all

LONGEST_REASON = 200


@transaction.atomic
def correct(user: User, set_id: UUID, given: ObservationInput, reason: str) -> ObservationSummary:
    """Replaces a set of this stay by `given`, and tells the ward; without a time it keeps the old one's."""
    patient, old = _open(user, set_id)
    measured_at = _measured_at(old, given)
    return _replace(user, patient, old, given, reason, measured_at=measured_at)


@transaction.atomic
def withdraw(user: User, set_id: UUID, reason: str, key: UUID | None = None) -> ObservationSummary:
    """Says that a set was never measured of this patient: it counts for nothing any more."""
    patient, old = _open(user, set_id)
    return _replace(
        user, patient, old, ObservationInput(key=key), reason, measured_at=old.measured_at, withdrawn=True
    )


def _open(user: User, set_id: UUID) -> tuple[Patient, ObservationSet]:
    """The patient, locked, and the set; one of an earlier stay looks like one that does not exist."""
    access.require_role(user, *observations.RECORDERS)
    old = ObservationSet.objects.filter(pk=set_id).select_related("recorded_by").first()
    if old is None:
        raise access.Forbidden(access.FORBIDDEN_PATIENT)
    patient = access.patient_for(user, old.patient_id, lock=True)
    if patient.admitted_at is None or old.recorded_at < patient.admitted_at:
        raise access.Forbidden(access.FORBIDDEN_PATIENT)
    return patient, old


def _replace(
    user: User,
    patient: Patient,
    old: ObservationSet,
    given: ObservationInput,
    reason: str,
    *,
    measured_at: datetime,
    withdrawn: bool = False,
) -> ObservationSummary:
    said = {"correction_reason": reason.strip(), "withdrawn": withdrawn}
    known = observations.repeated(user, given, patient_id=patient.pk, corrects_id=old.pk, **said)
    if known is not None:
        return observations.summary(known, schedules.of_patients([patient.pk]).get(patient.pk))
    _require_last_version(old)
    _check_reason(reason)
    if not withdrawn and _is_same(old, given, measured_at):
        raise InvalidObservation({"": _("Nothing is different from what was recorded.")})
    corrected = observations.add(
        given,
        patient=patient,
        recorded_by=user,
        recorded_at=max(patient.time_of_stay(), old.recorded_at),
        measured_at=measured_at,
        spo2_scale=old.spo2_scale,
        not_scored=old.not_scored,
        version=old.version + 1,
        corrects=old,
        **said,
    )
    schedule = schedules.renew(patient, scoring.in_force(patient, timezone.now()))
    version = patient.raise_version()
    told = (ward_feed(str(patient.ward_id)), _event(patient, version, schedule))
    append_all([told, *alerts.on_observation(corrected, schedule.newest)])
    return observations.summary(corrected, schedule)


def _event(patient: Patient, version: int, schedule: ObservationSchedule) -> Event:
    newest = observations.newest(schedule)
    if newest is None:
        # Nothing is left to show, and only a whole row can say so.
        return PatientChanged(row=board.rows([patient])[0])
    return ObservationRecorded(patient_id=patient.pk, version=version, observation=newest)


def _measured_at(old: ObservationSet, given: ObservationInput) -> datetime:
    if given.measured_at in (None, old.measured_at):
        # What was near enough when it was recorded stays so.
        check(msgspec.structs.replace(given, measured_at=None), timezone.now())
        return old.measured_at
    return check(given, timezone.now())


def _is_same(old: ObservationSet, given: ObservationInput, measured_at: datetime) -> bool:
    same = all(getattr(old, name) == getattr(given, name) for name in MEASUREMENTS)
    return same and measured_at == old.measured_at and old.missing_reason == (given.missing_reason or "")


def _require_last_version(old: ObservationSet) -> None:
    later = ObservationSet.objects.filter(corrects=old).select_related("recorded_by").first()
    if later is not None:
        text = _(
            "%(person)s has corrected this set meanwhile. Nothing was saved: look at the new version first."
        )
        raise Conflict(text % {"person": later.recorded_by.display_name})


def _check_reason(reason: str) -> None:
    if not 0 < len(reason.strip()) <= LONGEST_REASON or not reason.strip().isprintable():
        text = _("is needed, on one line of at most %(count)s characters.")
        raise InvalidObservation({"correction_reason": text % {"count": LONGEST_REASON}})
