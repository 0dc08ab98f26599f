"""The newest set, what it is compared with, and when the next is due, whatever is recorded in which order."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from clinical.models import ObservationSchedule, Patient
from clinical.services import patients, schedules
from clinical.services.observations import record
from clinical.services.scoring import Kind
from clinical.services.scoring_decisions import decide, revoke
from tests.cast import Cast
from tests.clinical.services.test_observations import given

MINUTE = timedelta(minutes=1)
# What makes a set: nothing wrong, 1-4, 5-6, 7 and more; partial ones with nothing, a red, and more than 7.
ROUTINE: dict[str, Any] = {}
LOW = {"spo2": 95}
MEDIUM = {"spo2": 93, "on_oxygen": True, "pulse": 95}
HIGH = {"spo2": 91, "on_oxygen": True, "pulse": 131}
UNKNOWN = {"temperature": None}
RED = {"temperature": None, "pulse": 131}


def standing(patient: Patient) -> ObservationSchedule:
    return schedules.of_patients([patient.pk])[patient.pk]


def observe(cast: Cast, patient: Patient, ago: int, changes: dict[str, Any]) -> datetime:
    measured_at = timezone.now() - ago * MINUTE
    record(cast.nurse, patient.pk, given(measured_at=measured_at, **changes))
    return measured_at


@pytest.mark.parametrize(
    ("sets", "which", "minutes"),
    [
        ([(60, ROUTINE)], 0, 720),
        ([(60, LOW)], 0, 240),
        ([(60, MEDIUM)], 0, 60),
        ([(60, HIGH)], 0, 30),
        ([(90, HIGH), (60, LOW)], 1, 240),
        # Entered late: the newest decides.
        ([(60, LOW), (90, HIGH)], 0, 240),
        # Partial, and nobody knows how bad: the complete set before it goes on to count.
        ([(60, LOW), (30, UNKNOWN)], 0, 240),
        ([(60, LOW), (30, UNKNOWN), (10, UNKNOWN)], 0, 240),
        # Partial, and certainly serious: from its own time, by the shorter of the two intervals.
        ([(60, LOW), (30, RED)], 1, 60),
        ([(60, HIGH), (30, RED)], 1, 30),
        ([(60, LOW), (30, RED), (10, UNKNOWN)], 1, 60),
        ([(60, LOW), (30, RED), (10, ROUTINE)], 2, 720),
        ([(30, RED)], 0, 60),
        # Never complete: the first attempt counts, so that attempts put nothing off.
        ([(60, UNKNOWN)], 0, 60),
        ([(60, UNKNOWN), (30, UNKNOWN)], 0, 60),
    ],
)
def test_the_next_set_is_due(
    cast: Cast, patient: Patient, sets: list[tuple[int, dict[str, Any]]], which: int, minutes: int
) -> None:
    measured = [observe(cast, patient, ago, changes) for ago, changes in sets]
    schedule = standing(patient)
    assert schedule.interval == minutes * MINUTE
    assert schedule.due_at == measured[which] + minutes * MINUTE
    assert schedule.counted_from == measured[which]
    assert schedule.newest is not None
    assert schedule.newest.measured_at == max(measured)


def test_a_set_is_compared_with_the_last_complete_one_before_it(cast: Cast, patient: Patient) -> None:
    complete = observe(cast, patient, 90, LOW)
    observe(cast, patient, 60, UNKNOWN)
    observe(cast, patient, 50, UNKNOWN)
    assert standing(patient).compared_with is None
    observe(cast, patient, 10, HIGH)
    compared_with = standing(patient).compared_with
    assert compared_with is not None
    assert compared_with.measured_at == complete


def test_nothing_of_an_earlier_stay_counts(cast: Cast, patient: Patient) -> None:
    ward = patient.ward
    assert ward is not None
    observe(cast, patient, 10, HIGH)
    decide(cast.doctor, patient.pk, Kind.PREGNANT, "32nd week")
    patients.discharge(patient.pk)
    assert schedules.of_patients([patient.pk]) == {}
    patients.move(patient.pk, ward, "9")
    assert schedules.of_patients([patient.pk]) == {}
    observe(cast, patient, 10, LOW)
    schedule = standing(patient)
    assert (schedule.compared_with, schedule.interval, schedule.not_scored) == (None, 240 * MINUTE, "")


def test_nothing_is_due_while_a_stay_is_not_scored_and_all_is_again_afterwards(
    cast: Cast, patient: Patient
) -> None:
    scored = observe(cast, patient, 30, MEDIUM)
    decision = decide(cast.doctor, patient.pk, Kind.END_OF_LIFE, "Comfort only")
    assert (standing(patient).due_at, standing(patient).not_scored) == (None, "end-of-life")
    observe(cast, patient, 20, HIGH)
    assert standing(patient).due_at is None
    revoke(cast.doctor, decision.pk)
    # By the last set that was scored, so that somebody soon looks again.
    assert standing(patient).due_at == scored + 60 * MINUTE
    measured_at = observe(cast, patient, 5, MEDIUM)
    assert standing(patient).due_at == measured_at + 60 * MINUTE


def test_who_was_never_scored_is_due_soon_when_they_are_to_be_scored_after_all(
    cast: Cast, patient: Patient
) -> None:
    decision = decide(cast.doctor, patient.pk, Kind.PREGNANT, "Another patient's")
    measured_at = observe(cast, patient, 20, ROUTINE)
    revoke(cast.doctor, decision.pk)
    assert standing(patient).due_at == measured_at + 60 * MINUTE


def test_the_overdue_of_all_wards_are_one_query(
    cast: Cast, patient: Patient, django_assert_num_queries: Any
) -> None:
    observe(cast, patient, 90, MEDIUM)
    with django_assert_num_queries(1):
        overdue = list(ObservationSchedule.of_present_stays(due_at__lte=timezone.now()))
    assert [each.patient_id for each in overdue] == [patient.pk]
    patients.discharge(patient.pk)
    assert not ObservationSchedule.of_present_stays(due_at__lte=timezone.now()).exists()
