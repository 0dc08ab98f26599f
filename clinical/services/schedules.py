"""How a patient's observations stand: the newest set, what it is compared with, when the next is due."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Min, QuerySet
from django.utils import timezone

from clinical.applicability import NotScored
from clinical.intervals import interval_of
from clinical.models import ObservationSchedule, ObservationSet, Patient, ScoringDecision
from clinical.services import frequencies, scoring

UPDATED = ["stay", "newest", "compared_with", "interval", "due_at", "frequency", "not_scored"]
WITH = ("newest__recorded_by", "compared_with", "frequency__decided_by")


def sets_of_stay(patient: Patient) -> QuerySet[ObservationSet]:
    """The sets that count, newest first: of this stay, in their last version, and not withdrawn."""
    return ObservationSet.objects.filter(
        patient=patient, recorded_at__gte=patient.admitted_at, corrected_by__isnull=True, withdrawn=False
    ).select_related("recorded_by")


def renew(patient: Patient, decisions: Sequence[ScoringDecision]) -> ObservationSchedule:
    """Works it out anew, after a change of a set or a decision; call it with the patient's row locked.

    The decisions are those in force, newest first.
    """
    assert patient.admitted_at is not None  # as of everybody who lies in a bed
    sets = sets_of_stay(patient)
    two = list(sets[:2])
    newest = two[0] if two else None
    schedule = ObservationSchedule(patient=patient, stay=patient.admitted_at, newest=newest)
    schedule.not_scored = scoring.stated(decisions) or ""
    if newest is not None and newest.score is not None:
        schedule.compared_with = next((each for each in two[1:] if each.score is not None), None)
        if schedule.compared_with is None and len(two) == 2:
            schedule.compared_with = _complete(sets).exclude(pk=newest.pk).first()
    counted_from, asked = _asked(patient, decisions, sets, newest)
    schedule.due_at, schedule.interval, schedule.frequency = frequencies.standing(
        counted_from or (newest.measured_at if newest else None), asked, decisions
    )
    ObservationSchedule.objects.bulk_create(
        [schedule], update_conflicts=True, unique_fields=["patient"], update_fields=UPDATED
    )
    return schedule


def asked_of(patient: Patient, decisions: Sequence[ScoringDecision]) -> timedelta | None:
    """The interval that the score asks for, whatever else was decided; None for who is not scored."""
    if not _is_scored(patient, decisions):
        return None
    sets = sets_of_stay(patient)
    return _asked(patient, decisions, sets, sets.first())[1] or interval_of("unknown")


def of_patients(patient_ids: Iterable[UUID]) -> dict[UUID, ObservationSchedule]:
    """The schedules of the present stays, by patient, with the sets they name; one query."""
    found = ObservationSchedule.of_present_stays(patient__in=list(patient_ids))
    return {each.patient_id: each for each in found.select_related(*WITH)}


def stated(schedule: ObservationSchedule | None) -> NotScored | None:
    """Why the stay is not scored, as somebody has said; the age is not asked."""
    return NotScored(schedule.not_scored) if schedule is not None and schedule.not_scored else None


def _is_scored(patient: Patient, decisions: Sequence[ScoringDecision]) -> bool:
    return scoring.not_scored(patient.born_on, timezone.now(), scoring.stated(decisions)) is None


def _asked(
    patient: Patient,
    decisions: Sequence[ScoringDecision],
    sets: QuerySet[ObservationSet],
    newest: ObservationSet | None,
) -> tuple[datetime | None, timedelta | None]:
    """From when which interval runs as far as the score says so: of who is not scored it says nothing."""
    if not _is_scored(patient, decisions):
        return None, None
    return _running(sets.filter(not_scored=""), newest)


def _running(
    sets: QuerySet[ObservationSet], newest: ObservationSet | None
) -> tuple[datetime | None, timedelta | None]:
    """From when which interval runs, by the sets that were scored; where none was, from the newest of them.

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
        return sets.aggregate(at=Min("measured_at"))["at"] or newest.measured_at, interval_of("unknown")
    bands = [decisive.band]
    if decisive.score is None and (complete := _complete(sets).first()) is not None:
        bands.append(complete.band)
    return decisive.measured_at, min(interval_of(band) for band in bands)


def _complete(sets: QuerySet[ObservationSet]) -> QuerySet[ObservationSet]:
    return sets.filter(score__isnull=False)
