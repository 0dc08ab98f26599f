"""Each story from its beginning to its end, through the services that people use."""

from collections.abc import Iterator
from random import Random

import pytest

from accounts.models import Role
from clinical.demo import stories
from clinical.demo.casting import newcomer
from clinical.demo.scene import Scene
from clinical.demo.shifts import Handover
from clinical.demo.stories import Step
from clinical.models import OPEN, Alert, Drug, MedicationOrder, Movement, ObservationSet, Patient, Ward
from clinical.services import alerts, patients
from clinical.services.stays import Place
from hubs.errors import HubError
from tests.cast import Cast, hire
from tests.clinical.alarming import steps
from tests.clinical.conftest import told
from tests.clinical.wall_clock import WallClock

# Ward minutes are seconds.
SPEED = 60


@pytest.fixture
def scene(wall_clock: WallClock, cast: Cast, patient: Patient, cardio: Ward) -> Scene:
    Drug.objects.create(name="Amoxicillin")
    Drug.objects.create(name="Piperacillin/tazobactam")
    return Scene(Random(3), Place("icu", "1"), patient.pk)


@pytest.fixture
def arrival(wall_clock: WallClock, cast: Cast, icu: Ward, cardio: Ward) -> Scene:
    return Scene(Random(3), Place("icu", "11"))


def tell(steps: Iterator[Step], clock: WallClock) -> None:
    for step in steps:
        clock.let_pass(step.minutes * 60 / SPEED + step.seconds)
        step.act()


def totals() -> list[int | None]:
    return list(ObservationSet.objects.order_by("recorded_at").values_list("score", flat=True))


def test_deterioration_is_seen_accepted_treated_and_resolved(scene: Scene, wall_clock: WallClock) -> None:
    tell(stories.deterioration(scene), wall_clock)
    assert totals() == [2, 4, 6, 11, 8, 4, 1]
    medium, high = Alert.objects.order_by("raised_at")
    assert (medium.severity, medium.state) == ("medium", "superseded")
    assert (high.severity, high.state) == ("high", "resolved")
    assert steps(medium) == ["raised", "superseded"]
    assert steps(high) == ["raised", "accepted", "started", "resolved"]
    assert high.steps.get(kind="resolved").reason == "treated"
    assert MedicationOrder.objects.get().drafted_by.username == "doctor.icu"
    assert scene.recorded == 7


def test_its_alert_is_there_within_a_quarter_of_a_minute(scene: Scene, wall_clock: WallClock) -> None:
    begun = wall_clock.now
    tell(stories.deterioration(scene), wall_clock)
    assert (Alert.objects.order_by("raised_at")[0].raised_at - begun).total_seconds() <= 15


def test_sepsis_calls_others_when_the_nurse_declines(scene: Scene, cast: Cast, wall_clock: WallClock) -> None:
    tell(stories.sepsis(scene), wall_clock)
    assert totals() == [5, 10, 17, 10, 7, 3]
    by_kind = {alert.kind: steps(alert) for alert in Alert.objects.filter(severity="high")}
    end = ["accepted", "started", "resolved"]
    assert by_kind == {
        "score": ["raised", "declined", "renotified", *end],
        "red": ["raised", "declined", *end],
    }
    assert {alert.owner for alert in Alert.objects.filter(severity="high")} == {cast.doctor}
    assert not Alert.objects.filter(state__in=OPEN).exists()


def test_sepsis_goes_on_at_once_when_a_visitor_accepts(
    scene: Scene, cast: Cast, wall_clock: WallClock
) -> None:
    begun = wall_clock.now
    for step in stories.sepsis(scene):
        wall_clock.let_pass(step.minutes + step.seconds)
        step.act()
        if step.act == scene.look:
            for alert in Alert.objects.filter(state="raised"):
                alerts.accept(cast.doctor, alert.pk)
    assert (wall_clock.now - begun).total_seconds() < 150


def test_a_transfer_leaves_every_bed_as_it_was(arrival: Scene, wall_clock: WallClock) -> None:
    tell(stories.transfer(arrival, newcomer(1), "cardio"), wall_clock)
    moves = Movement.objects.order_by("at").values_list("kind", "to_ward", "to_bed", "by__username")
    assert list(moves) == [
        ("admission", "icu", "11", "nurse.icu"),
        ("transfer", "cardio", "1", "nurse.icu"),
        ("discharge", None, "", "nurse.cardio"),
    ]
    assert not Patient.objects.filter(ward__isnull=False).exists()
    assert (told("icu")[-1][0], told("cardio")[0][0]) == ("PatientLeft", "PatientChanged")


def test_who_has_been_here_before_comes_again(arrival: Scene, wall_clock: WallClock) -> None:
    tell(stories.transfer(arrival, newcomer(1), "cardio"), wall_clock)
    again = Scene(Random(3), arrival.place)
    tell(stories.transfer(again, newcomer(1), "cardio"), wall_clock)
    assert Patient.objects.count() == 1
    assert Movement.objects.filter(kind="admission").count() == 2


def test_a_lost_sensor_is_overdue_until_there_is_another(arrival: Scene, wall_clock: WallClock) -> None:
    tell(stories.lost_sensor(arrival, newcomer(1)), wall_clock)
    assert totals() == [None, None, None, 1, 0]
    partial = ObservationSet.objects.filter(score=None)
    assert set(partial.values_list("spo2", "missing_reason")) == {(None, "equipment")}
    alert = Alert.objects.get()
    assert (alert.kind, alert.severity, alert.state) == ("overdue", "low", "closed")
    assert not Patient.objects.filter(ward__isnull=False).exists()


def test_a_change_of_shifts_begins_one_ends_the_other_and_passes_the_charge(
    wall_clock: WallClock, cast: Cast, icu: Ward, cardio: Ward
) -> None:
    hire("nurse.icu.2", Role.NURSE, "icu")
    charges, shifts = [], []
    for _ in range(3):
        tell(stories.shift_change(Handover(Random(3), "icu")), wall_clock)
        in_force = icu.assignments.in_force().select_related("user")
        charges.append([each.user.username for each in in_force.filter(in_charge=True)])
        shifts.append([each.user.username for each in in_force.filter(in_charge=False)])
    assert charges == [["nurse.icu"], ["nurse.icu.2"], ["nurse.icu"]]
    assert shifts == [["nurse.cardio"], [], ["nurse.cardio"]]


def test_an_alert_that_a_visitor_accepts_stays_theirs(
    scene: Scene, cast: Cast, wall_clock: WallClock
) -> None:
    """Here others act for the simulation, so that the nurse is a visitor."""
    hire("nurse.icu.2", Role.NURSE, "icu")
    for step in stories.deterioration(scene):
        wall_clock.let_pass(step.minutes)
        step.act()
        for alert in Alert.objects.filter(state="raised", severity="high"):
            alerts.accept(cast.nurse, alert.pk)
    kept = Alert.objects.get(severity="high")
    assert (kept.state, kept.owner) == ("accepted", cast.nurse)


def test_a_patient_who_has_gone_ends_it_with_a_refusal(scene: Scene, patient: Patient) -> None:
    patients.discharge(patient.pk)
    with pytest.raises(HubError):
        next(stories.deterioration(scene)).act()


def test_orders_do_not_pile_up(scene: Scene) -> None:
    Drug.objects.create(name="Paracetamol")
    for drug in ("Amoxicillin", "Amoxicillin", "Piperacillin/tazobactam", "Paracetamol"):
        scene.order(drug)
    drafted = MedicationOrder.objects.order_by("drafted_at").values_list("drug__name", flat=True)
    assert list(drafted) == ["Amoxicillin", "Piperacillin/tazobactam"]
