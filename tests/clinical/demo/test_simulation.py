"""What the simulation makes of a ward: for a minute, and for a day."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from django.db import transaction

from accounts.models import User
from clinical.demo import hospital
from clinical.demo.casting import NEWCOMER, STORIES
from clinical.demo.simulation import Simulation
from clinical.models import (
    OPEN,
    Alert,
    AlertKind,
    Assignment,
    ObservationSchedule,
    ObservationSet,
    Patient,
    Ward,
)
from clinical.services import orders
from tests.cast import Cast
from tests.clinical.wall_clock import WallClock


def live(simulation: Simulation, clock: WallClock, time: timedelta) -> None:
    end = clock.now + time
    while clock.now < end:
        assert simulation.step()
        clock.let_pass(simulation.wait())


def course() -> list[tuple[object, ...]]:
    sets = ObservationSet.objects.order_by("measured_at", "patient__mrn")
    return list(sets.values_list("measured_at", "patient__mrn", "pulse", "score", "recorded_by__username"))


@pytest.mark.django_db
def test_within_half_a_minute_a_score_rises_and_there_is_an_alert_where_visitors_are(
    wall_clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hospital, "WARDS", tuple((*ward[:2], 5) for ward in hospital.WARDS))
    hospital.build(1, "secret")
    wall_clock.let_pass(5)
    known, begun = set(Alert.objects.values_list("pk", flat=True)), wall_clock.now
    live(Simulation(Random(3)), wall_clock, timedelta(seconds=30))
    new = Alert.objects.filter(patient__ward="icu", raised_at__gte=begun).exclude(pk__in=known)
    alert = new.get(kind=AlertKind.SCORE, severity="high")
    sets = ObservationSet.objects.filter(patient=alert.patient, recorded_at__gte=begun)
    assert list(sets.order_by("recorded_at").values_list("score", flat=True)) == [2, 4, 6, 11]


def test_the_same_seed_gives_the_same_course(
    cast: Cast, wall_clock: WallClock, patient: Patient, patient_elsewhere: Patient
) -> None:
    courses = []
    began = wall_clock.now
    for seed in (3, 3, 4):
        with transaction.atomic():
            wall_clock.now = wall_clock._looked = began
            live(Simulation(Random(seed)), wall_clock, timedelta(seconds=30))
            courses.append(course())
            transaction.set_rollback(True)
    assert courses[0] == courses[1] != courses[2]
    assert len(courses[0]) > 3


def test_without_patients_or_nurses_there_is_nothing_to_do(cast: Cast, patient: Patient) -> None:
    User.objects.filter(pk=cast.nurse.pk).update(is_active=False)
    simulation = Simulation(Random(3))
    assert simulation.step() is False
    assert simulation.recorded == 0


def test_twice_as_fast_is_half_as_long(
    wall_clock: WallClock, cast: Cast, patient: Patient, cardio: Ward
) -> None:
    simulation = Simulation(Random(3), speed=120, stories=["transfer"])
    simulation.step()
    assert simulation.wait() == pytest.approx(1.5)


@pytest.mark.long
@pytest.mark.django_db
def test_after_a_day_of_the_wards_nothing_has_piled_up(wall_clock: WallClock) -> None:
    hospital.build(1, "secret")
    beds, said = occupied(), list[str]()
    simulation = Simulation(Random(3), say=said.append)
    for _ in range(24):
        live(simulation, wall_clock, timedelta(minutes=1))
        assert Alert.objects.filter(state__in=OPEN).count() <= 15
        late = ObservationSchedule.of_present_stays(due_at__lt=wall_clock.now - timedelta(minutes=35))
        assert late.count() <= 2
    assert {line.split(": ")[1] for line in said} == {f"{name.replace('-', ' ')} begins" for name in STORIES}
    assert occupied() == beds
    newcomers = Patient.objects.filter(mrn__startswith=NEWCOMER, ward__isnull=False)
    assert {each.pk for each in newcomers} <= simulation._stage.patients
    old = Alert.objects.filter(raised_at__lt=wall_clock.now - timedelta(minutes=15), state__in=OPEN)
    assert not old.exists()
    assert all(
        len(drafts) <= 3 for drafts in orders.drafts_of(Patient.objects.values_list("pk", flat=True)).values()
    )
    in_force = Assignment.objects.in_force()
    assert Counter(in_force.filter(in_charge=True).values_list("ward", flat=True)) == dict.fromkeys(beds, 1)
    assert in_force.filter(in_charge=False).count() <= len(beds)


def occupied() -> Counter[str]:
    """Beds by ward, but for those of people who come and go with a story."""
    here = Patient.objects.exclude(mrn__startswith=NEWCOMER).filter(ward__isnull=False)
    return Counter(here.values_list("ward_id", flat=True))
