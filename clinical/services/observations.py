"""Recording observation sets, and reading the newest."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import Role, User
from clinical import access
from clinical.applicability import NotScored
from clinical.events import (
    Correction,
    Frequency,
    MissingReason,
    ObservationInput,
    ObservationRecorded,
    ObservationSummary,
    Trend,
    ward_feed,
)
from clinical.models import ObservationSchedule, ObservationSet, ScoringDecision
from clinical.news2 import Measurements, Score, charted, score
from clinical.services import alerts, schedules, scoring
from clinical.services.observation_input import MEASUREMENTS, Conflict, check
from clinical.services.observation_input import InvalidObservation as InvalidObservation
from hubs.feeds.append import append_all

RECORDERS = (Role.DOCTOR, Role.NURSE)
ANOTHER_SET = gettext_lazy(
    "This form has saved another set before. Nothing was saved now: open the form anew."
)


def record(user: User, patient_id: UUID, given: ObservationInput) -> ObservationSummary:
    """Records one set of a patient whom the user may see, and tells the ward.

    The key of a set that the user has sent before answers that set and records nothing.
    """
    try:
        return _record(user, patient_id, given)
    except IntegrityError:
        # The key is used up. To look for it first would cost every set a query, for the sake of very few.
        known = _known(user, patient_id, given)
        if known is None:
            raise
        return known


@transaction.atomic
def _record(user: User, patient_id: UUID, given: ObservationInput) -> ObservationSummary:
    access.require_role(user, *RECORDERS)
    measured_at = check(given, timezone.now())
    patient = access.patient_for(user, patient_id, lock=True)
    at = patient.time_of_stay()
    decisions = scoring.in_force(patient, at)
    said = scoring.stated(decisions)
    recorded = add(
        given,
        patient=patient,
        recorded_by=user,
        recorded_at=at,
        measured_at=measured_at,
        spo2_scale=scoring.scale_of(decisions),
        not_scored=scoring.not_scored(patient.born_on, measured_at, said) or "",
    )
    schedule = schedules.renew(patient, decisions)
    assert schedule.newest is not None
    event = ObservationRecorded(
        patient_id=patient.pk,
        version=patient.raise_version(),
        observation=summary(schedule.newest, schedule),
    )
    append_all([(ward_feed(str(patient.ward_id)), event), *alerts.on_observation(recorded, schedule.newest)])
    return summary(recorded, schedule)


def _known(user: User, patient_id: UUID, given: ObservationInput) -> ObservationSummary | None:
    patient = access.patient_for(user, patient_id)
    found = repeated(user, given, patient_id=patient.pk, corrects_id=None)
    return None if found is None else summary(found, schedules.of_patients([patient.pk]).get(patient.pk))


def repeated(user: User, given: ObservationInput, **particulars: Any) -> ObservationSet | None:
    """The set that the user has recorded under this key. Raises Conflict for another one than is given."""
    if given.key is None:
        return None
    found: ObservationSet | None = (
        ObservationSet.objects.filter(recorded_by=user, key=given.key).select_related("recorded_by").first()
    )
    if found is None:
        return None
    wanted = _contents(given) | particulars
    if given.measured_at is not None:  # without a time the first one was measured when it arrived
        wanted["measured_at"] = given.measured_at
    if any(getattr(found, name) != value for name, value in wanted.items()):
        raise Conflict(str(ANOTHER_SET))
    return found


def _contents(given: ObservationInput) -> dict[str, Any]:
    measured = {name: getattr(given, name) for name in MEASUREMENTS}
    return measured | {"missing_reason": given.missing_reason or ""}


def add(given: ObservationInput, **particulars: Any) -> ObservationSet:
    """The set's row, with its score; tells nobody."""
    observation = ObservationSet(
        **_contents(given),
        key=given.key,
        **particulars,
    )
    scored = score_of(observation)
    observation.score, observation.has_red, observation.band = scored.total, scored.red, scored.band
    observation.save(force_insert=True)
    return observation


def score_of(observation: ObservationSet) -> Score:
    """The score with its arithmetic, as the set was recorded."""
    measured = {name: getattr(observation, name) for name in MEASUREMENTS if name != "diastolic"}
    given = Measurements(spo2_scale=2 if observation.spo2_scale == 2 else 1, **measured)
    return score(given, applicable=not observation.not_scored)


def latest_of(patient_ids: Iterable[UUID]) -> dict[UUID, ObservationSet]:
    """The newest set of each patient's present stay, by patient; one query."""
    found = schedules.of_patients(patient_ids)
    return {patient: each.newest for patient, each in found.items() if each.newest is not None}


def newest(schedule: ObservationSchedule | None) -> ObservationSummary | None:
    """The newest set of a stay as it goes over the wire, with trend and due time."""
    return None if schedule is None or schedule.newest is None else summary(schedule.newest, schedule)


def summary(observation: ObservationSet, schedule: ObservationSchedule | None = None) -> ObservationSummary:
    """The set as it goes over the wire; with trend and due time where the schedule calls it the newest."""
    measured = {name: getattr(observation, name) for name in MEASUREMENTS}
    # As scored: 38.05 shown with one decimal would stand as 38.0 beside the point for 38.1.
    temperature = charted("temperature", observation.temperature)
    is_newest = schedule is not None and schedule.newest_id == observation.pk
    return ObservationSummary(
        set_id=observation.pk,
        measured_at=observation.measured_at,
        recorded_by=observation.recorded_by.display_name,
        spo2_scale=observation.spo2_scale,
        score=score_of(observation),
        version=observation.version,
        correction=_correction(observation),
        missing_reason=cast(MissingReason, observation.missing_reason)
        if observation.missing_reason
        else None,
        not_scored=NotScored(observation.not_scored) if observation.not_scored else None,
        **(_standing(schedule) if is_newest and schedule is not None else {}),
        **measured | {"temperature": None if temperature is None else float(temperature)},
    )


def _correction(observation: ObservationSet) -> Correction | None:
    if observation.corrects_id is None:
        return None
    return Correction(set_id=observation.corrects_id, reason=observation.correction_reason)


def _standing(schedule: ObservationSchedule) -> dict[str, Any]:
    interval = schedule.interval
    return {
        "trend": _trend(schedule.newest, schedule.compared_with),
        "due_at": schedule.due_at,
        "interval_minutes": None if interval is None else round(interval.total_seconds() / 60),
        "frequency": _frequency(schedule.frequency),
    }


def _frequency(decision: ScoringDecision | None) -> Frequency | None:
    if decision is None or decision.until is None or decision.decided_by is None:
        return None
    return Frequency(by=decision.decided_by.display_name, until=decision.until)


def _trend(now: ObservationSet | None, before: ObservationSet | None) -> Trend | None:
    if now is None or now.score is None or before is None or before.score is None:
        return None
    # The two scales give other points to the same patient.
    if now.spo2_scale != before.spo2_scale:
        return None
    rise = now.score - before.score
    return Trend(
        direction="up" if rise > 0 else "down" if rise < 0 else "same",
        previous=before.score,
        since=before.measured_at,
    )
