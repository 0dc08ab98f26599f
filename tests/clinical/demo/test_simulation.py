"""What the simulation records, and as whom."""

from random import Random

from accounts.models import User
from clinical.demo.simulation import Simulation
from clinical.models import ObservationSet, Patient
from tests.cast import Cast
from tests.clinical.conftest import told


def test_a_step_records_one_set_as_a_nurse_of_the_ward(
    cast: Cast, patient: Patient, patient_elsewhere: Patient
) -> None:
    simulation = Simulation(Random(3))
    assert all(simulation.step() for _ in range(20))
    recorded = ObservationSet.objects.select_related("recorded_by", "patient")
    assert len(recorded) == 20
    assert {(each.recorded_by.username, each.patient.ward_id) for each in recorded} == {
        ("nurse.icu", "icu"),
        ("nurse.cardio", "cardio"),
    }
    assert told("icu")[-1][0] == "ObservationRecorded"


def test_the_same_seed_gives_the_same_course(cast: Cast, patient: Patient) -> None:
    pulses = []
    for _ in range(2):
        simulation = Simulation(Random(3))
        pulses.append([simulation._measure(patient.pk).pulse for _ in range(10)])
    assert pulses[0] == pulses[1]


def test_without_patients_or_nurses_there_is_nothing_to_record(cast: Cast, patient: Patient) -> None:
    User.objects.filter(pk=cast.nurse.pk).update(is_active=False)
    assert Simulation(Random(3)).step() is False
