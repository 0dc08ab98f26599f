"""Observations that do not come: late is said, missed is said again, and the set that comes ends it."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from clinical.models import Alert, ObservationSchedule, ObservationSet, Patient, Ward
from clinical.services import alert_timers, alerts, corrections, overdue_alerts, patients
from tests.cast import Cast
from tests.clinical.alarming import RED, WELL, is_due, newest, observe, steps
from tests.clinical.conftest import admitted, told

MINUTE = timedelta(minutes=1)
# Of a patient who is well, by the intervals of the settings.
INTERVAL = timedelta(hours=12)


@pytest.fixture
def observed(cast: Cast, patient: Patient) -> Patient:
    observe(cast.nurse, patient, WELL)
    return patient


def overdue_by(share: float) -> None:
    """Puts all due times so far back, as a share of their interval."""
    ObservationSchedule.objects.update(due_at=timezone.now() - INTERVAL * share)


def names() -> list[str]:
    return [name for name, _ in told("icu") if name.startswith("Alert")]


def test_due_is_no_alert_and_late_is_one_of_low_severity(observed: Patient) -> None:
    overdue_by(0.3)
    assert alert_timers.work_off() == 0
    overdue_by(0.4)
    assert alert_timers.work_off() == 1
    alert = newest()
    schedule = ObservationSchedule.objects.get()
    assert (alert.kind, alert.severity, alert.due_at) == ("overdue", "low", schedule.due_at)
    assert is_due(alert, 30 * MINUTE)
    assert alert_timers.work_off() == 0
    assert names() == ["AlertRaised"]


def test_missed_takes_the_place_of_late(cast: Cast, observed: Patient) -> None:
    overdue_by(0.4)
    alert_timers.work_off()
    alerts.accept(cast.nurse, newest().pk)
    due_at = newest().due_at
    assert due_at is not None
    # Time goes on, and the set is due since the same moment.
    long_ago = timezone.now() - INTERVAL
    ObservationSchedule.objects.update(due_at=long_ago)
    Alert.objects.update(due_at=long_ago)
    assert alert_timers.work_off() == 1
    alert = newest()
    assert (alert.severity, alert.state, alert.owner) == ("medium", "raised", None)
    assert names() == ["AlertRaised", "AlertAccepted", "AlertSuperseded", "AlertRaised"]


def test_the_set_that_comes_ends_it_whoever_owns_it(cast: Cast, patient: Patient) -> None:
    observe(cast.nurse, patient, WELL, measured_at=timezone.now() - INTERVAL * 1.4)
    assert alert_timers.work_off() == 1
    alerts.accept(cast.doctor, newest().pk)
    # A partial set puts off nothing.
    observe(cast.nurse, patient, {"pulse": 80})
    assert steps(newest()) == ["raised", "accepted"]
    observe(cast.nurse, patient, WELL)
    assert steps(newest()) == ["raised", "accepted", "closed"]
    assert alert_timers.work_off() == 0


def test_what_somebody_has_resolved_is_not_said_again(cast: Cast, observed: Patient) -> None:
    overdue_by(0.4)
    alert_timers.work_off()
    alerts.accept(cast.nurse, newest().pk)
    alerts.resolve(cast.nurse, newest().pk, "other", "Asleep.")
    assert alert_timers.work_off() == 0


def test_what_is_waited_for_no_more_closes_its_alert(observed: Patient) -> None:
    overdue_by(0.4)
    alert_timers.work_off()
    ObservationSchedule.objects.update(due_at=timezone.now() + INTERVAL)
    assert alert_timers.work_off() == 1
    assert steps(newest()) == ["raised", "closed"]


def test_what_another_patients_set_has_closed_is_said_again_when_it_is_withdrawn(
    cast: Cast, patient: Patient
) -> None:
    observe(cast.nurse, patient, WELL, measured_at=timezone.now() - INTERVAL * 1.9)
    assert alert_timers.work_off() == 1
    observe(cast.nurse, patient, WELL)
    assert steps(newest()) == ["raised", "closed"]
    corrections.withdraw(cast.nurse, ObservationSet.objects.latest("measured_at").pk, "Another patient's.")
    assert alert_timers.work_off() == 1
    assert (newest().severity, newest().state) == ("medium", "raised")
    assert alert_timers.work_off() == 0


def test_it_is_missed_at_once_where_no_timer_ran_for_long(observed: Patient) -> None:
    overdue_by(3)
    assert alert_timers.work_off() == 1
    assert newest().severity == "medium"
    assert alert_timers.work_off() == 0


def test_whoever_has_left_or_was_never_observed_is_not_overdue(
    cast: Cast, observed: Patient, icu: Ward
) -> None:
    admitted(icu, "2")
    overdue_by(2)
    patients.discharge(observed.pk)
    assert alert_timers.work_off() == 0


def test_an_overdue_alert_stands_beside_one_by_score(cast: Cast, patient: Patient) -> None:
    observe(cast.nurse, patient, RED)
    ObservationSchedule.objects.update(due_at=timezone.now() - F("interval"))
    alert_timers.work_off()
    assert set(Alert.objects.values_list("kind", "state")) == {("red", "raised"), ("overdue", "raised")}


def test_what_was_done_meanwhile_is_not_done_again(observed: Patient) -> None:
    overdue_by(0.4)
    now = timezone.now()
    assert [patient.pk for patient in overdue_alerts.waiting(now)] == [observed.pk]
    assert overdue_alerts.look_after(observed.pk, now)
    assert not overdue_alerts.look_after(observed.pk, now)
    assert names() == ["AlertRaised"]
