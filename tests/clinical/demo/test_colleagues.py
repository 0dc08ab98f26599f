"""Alerts that no visitor answers, and those that visitors have answered."""

from datetime import timedelta
from random import Random
from uuid import UUID

import pytest

from accounts.models import Role, User
from clinical.demo import staff
from clinical.demo.colleagues import Colleagues
from clinical.models import Alert, Assignment, Patient, Ward
from clinical.services import alert_timers, alerts
from tests.cast import Cast, hire
from tests.clinical.alarming import HIGH, MEDIUM, raised, steps
from tests.clinical.wall_clock import WallClock

pytestmark = pytest.mark.usefixtures("wall_clock")


@pytest.fixture
def others(wall_clock: WallClock, cast: Cast) -> list[User]:
    """Two nurses and a doctor beside those in whose names visitors come."""
    roles = (Role.NURSE, Role.NURSE, Role.DOCTOR)
    names = ("nurse.icu.2", "nurse.icu.3", "doctor.icu.2")
    return [hire(name, role, "icu") for name, role in zip(names, roles, strict=True)]


def answer(colleagues: Colleagues, clock: WallClock, *, seconds: int = 90) -> list[UUID]:
    helped: list[UUID] = []
    for _ in range(seconds):
        clock.let_pass(1)
        helped += colleagues.answer(clock.now, [])
    return helped


def test_one_that_nobody_answers_is_accepted_reviewed_and_resolved(
    wall_clock: WallClock, cast: Cast, patient: Patient, others: list[User]
) -> None:
    alert = raised(cast.nurse, patient, HIGH)
    assert answer(Colleagues(Random(3), 60), wall_clock, seconds=20) == []
    assert steps(alert) == ["raised"]
    assert answer(Colleagues(Random(3), 60), wall_clock) == [patient.pk]
    alert.refresh_from_db()
    taken = [step for step in steps(alert) if step != "declined"]
    assert taken == ["raised", "accepted", "started", "resolved"]
    assert alert.owner == others[2]


def test_who_declines_leaves_it_to_another(
    wall_clock: WallClock, cast: Cast, patient: Patient, others: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinical.demo.colleagues.DECLINED", 1)
    alert = raised(cast.nurse, patient, MEDIUM)
    answer(Colleagues(Random(3), 60), wall_clock)
    alert.refresh_from_db()
    declined = alert.steps.get(kind="declined").actor
    assert {declined, alert.owner} == set(others[:2])


def test_one_of_a_story_is_left_to_it(wall_clock: WallClock, cast: Cast, patient: Patient) -> None:
    alert = raised(cast.nurse, patient)
    wall_clock.now += timedelta(hours=1)
    Colleagues(Random(3), 60).answer(wall_clock.now, [patient.pk])
    assert steps(alert) == ["raised"]


def test_what_a_visitor_has_accepted_is_theirs_until_they_let_the_time_pass(
    wall_clock: WallClock, cast: Cast, icu: Ward, patient: Patient, others: list[User]
) -> None:
    # Who is in charge could take it from everybody at any time.
    for nurse in others[:2]:
        Assignment.objects.create(
            user=nurse,
            ward=icu,
            kind=Assignment.Kind.HOME,
            in_charge=True,
            begins_at=wall_clock.now,
            granted_by=cast.admin,
        )
    alert = raised(cast.nurse, patient, MEDIUM)
    alerts.accept(cast.nurse, alert.pk)
    colleagues = Colleagues(Random(3), 60)
    answer(colleagues, wall_clock)
    assert steps(alert) == ["raised", "accepted"]
    wall_clock.now += timedelta(minutes=61)
    alert_timers.work_off()
    answer(colleagues, wall_clock)
    alert.refresh_from_db()
    assert alert.state == "resolved"
    assert alert.owner in others[:2]


def test_a_ward_that_has_logins_of_visitors_only_is_served_by_them(
    wall_clock: WallClock, cast: Cast, patient: Patient
) -> None:
    raised(cast.nurse, patient, MEDIUM)
    answer(Colleagues(Random(3), 60), wall_clock)
    assert Alert.objects.get().owner == cast.nurse
    assert staff.acting(Role.NURSE) == {"icu": [cast.nurse], "cardio": [cast.nurse_of_another_ward]}
