"""How a patient's observations stand: the newest set, what it is compared with, when the next is due."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min, QuerySet
from django.utils import timezone

from clinical.applicability import NotScored
from clinical.intervals import interval_of
from clinical.models import ObservationSchedule, ObservationSet, Patient
from clinical.services import scoring
from clinical.services.due import due_at

UPDATED = ["stay", "newest", "compared_with", "interval", "due_at", "not_scored"]


def sets_of_stay(patient: Patient) -> QuerySet[ObservationSet]:
    """The sets that count, newest first: of this stay, in their last version, and not withdrawn."""
    return ObservationSet.objects.filter(
        patient=patient, recorded_at__gte=patient.admitted_at, corrected_by__isnull=True, withdrawn=False
    ).select_related("recorded_by")


def renew(patient: Patient, stated: NotScored | None) -> ObservationSchedule:
    """Works it out anew, after a change of a set or a decision; call it with the patient's row locked."""
    assert patient.admitted_at is not None  # as of everybody who lies in a bed
    sets = sets_of_stay(patient)
    two = list(sets[:2])
    newest = two[0] if two else None
    schedule = ObservationSchedule(patient=patient, stay=patient.admitted_at, newest=newest)
    schedule.not_scored = stated or ""
    if newest is not None and newest.score is not None:
        schedule.compared_with = next((each for each in two[1:] if each.score is not None), None)
        if schedule.compared_with is None and len(two) == 2:
            schedule.compared_with = _complete(sets).exclude(pk=newest.pk).first()
    if scoring.not_scored(patient.born_on, timezone.now(), stated) is None:
        counted_from, schedule.interval = _running(sets.filter(not_scored=""), newest)
        schedule.due_at = due_at(counted_from, schedule.interval)
    ObservationSchedule.objects.bulk_create(
        [schedule], update_conflicts=True, unique_fields=["patient"], update_fields=UPDATED
    )
    return schedule


def of_patients(patient_ids: Iterable[UUID]) -> dict[UUID, ObservationSchedule]:
    """The schedules of the present stays, by patient, with the sets they name; one query."""
    found = ObservationSchedule.of_present_stays(patient__in=list(patient_ids))
    return {each.patient_id: each for each in found.select_related("newest__recorded_by", "compared_with")}


def stated(schedule: ObservationSchedule | None) -> NotScored | None:
    """Why the stay is not scored, as somebody has said; the age is not asked."""
    return NotScored(schedule.not_scored) if schedule is not None and schedule.not_scored else None


def _running(
    sets: QuerySet[ObservationSet], newest: ObservationSet | None
) -> tuple[datetime | None, timedelta | None]:
    """From when which interval runs, by the sets that were scored.

    A partial set never puts off what is due. One whose band is unknown changes nothing. One that is
    certainly serious counts from its own time, but for no longer than the last complete set allows, for
    what it lacks may be worse than what it has.
    """
    if newest is None:
        return None, None
    if newest.score is not None:
        return newest.measured_at, interval_of(newest.band)
    decisive = sets.exclude(band="unknown").first()
    if decisive is None:
        first = sets.aggregate(at=Min("measured_at"))["at"]
        return first, None if first is None else interval_of("unknown")
    bands = [decisive.band]
    if decisive.score is None and (complete := _complete(sets).first()) is not None:
        bands.append(complete.band)
    return decisive.measured_at, min(interval_of(band) for band in bands)


def _complete(sets: QuerySet[ObservationSet]) -> QuerySet[ObservationSet]:
    return sets.filter(score__isnull=False)
