"""When patients are measured outside of stories."""

from datetime import timedelta
from random import Random

from accounts.models import User
from clinical.demo import vitals
from clinical.demo.rounds import Rounds
from clinical.models import ObservationSet, Patient, Ward
from clinical.services import patients
from tests.cast import Cast
from tests.clinical.alarming import HIGH, WELL, observe
from tests.clinical.conftest import admitted
from tests.clinical.wall_clock import WallClock


def test_intervals_pass_as_fast_as_the_ward(
    wall_clock: WallClock, cast: Cast, icu: Ward, patient: Patient
) -> None:
    ill, new = admitted(icu, "2"), admitted(icu, "3")
    observe(cast.nurse, patient, WELL)
    observe(cast.nurse, ill, HIGH)
    waiting = [(due.patient, due.at - wall_clock.now) for due in Rounds(Random(3), 60).waiting()]
    # Half an hour, and twelve of them, at a ward hour a minute.
    assert waiting == [
        (new, timedelta()),
        (ill, timedelta(seconds=30)),
        (patient, timedelta(minutes=12)),
    ]


def test_a_nurse_of_the_ward_records_it(cast: Cast, patient: Patient, patient_elsewhere: Patient) -> None:
    rounds = Rounds(Random(3), 60)
    for due in rounds.waiting():
        assert rounds.measure(due)
    recorded = ObservationSet.objects.select_related("recorded_by", "patient")
    assert {(each.recorded_by.username, each.patient.ward_id) for each in recorded} == {
        ("nurse.icu", "icu"),
        ("nurse.cardio", "cardio"),
    }


def test_wards_without_a_nurse_wait_for_nothing(cast: Cast, patient: Patient) -> None:
    User.objects.filter(pk=cast.nurse.pk).update(is_active=False)
    assert Rounds(Random(3), 60).waiting() == []


def test_who_has_left_meanwhile_or_cannot_be_like_that_is_passed_over(cast: Cast, patient: Patient) -> None:
    observe(cast.nurse, patient, WELL | {"pulse": 350})
    rounds = Rounds(Random(3), 60)
    rounds._course[patient.pk] = vitals.WELL
    rounds._now[patient.pk] = vitals.Vitals(15, 97, 126, 74, 999, vitals.WELL.temperature)
    (due,) = rounds.waiting()
    assert not rounds.measure(due)
    assert rounds.measure(due)
    patients.discharge(patient.pk)
    assert not rounds.measure(due)
    assert rounds.waiting() == []
    assert rounds._now == {}


def test_who_was_treated_recovers(cast: Cast, patient: Patient) -> None:
    observe(cast.nurse, patient, HIGH)
    rounds = Rounds(Random(3), 60)
    rounds.takes_over(patient.pk)
    for _ in range(8):
        rounds.measure(rounds.waiting()[0])
    last = ObservationSet.objects.filter(patient=patient, score__isnull=False).first()
    assert last is not None
    assert (last.score or 0) <= 3
