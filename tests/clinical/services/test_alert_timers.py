"""The timers: what is due is done once, in order, whoever does it and whenever they were restarted."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from clinical.models import Alert, Patient, Ward
from clinical.services import alert_timers, alerts
from tests.cast import Cast
from tests.clinical.alarming import MEDIUM, is_due, let_pass, raised, steps
from tests.clinical.conftest import admitted, told

MINUTE = timedelta(minutes=1)


def test_what_is_not_due_waits(cast: Cast, patient: Patient) -> None:
    alert = raised(cast.nurse, patient)
    let_pass(4 * MINUTE)
    assert alert_timers.work_off() == 0
    assert steps(alert) == ["raised"]


def test_who_is_not_answered_calls_the_ward_again_then_a_doctor_then_the_nurse_in_charge_and_goes_on(
    cast: Cast, patient: Patient
) -> None:
    alert = raised(cast.nurse, patient)
    for _ in range(5):
        let_pass(6 * MINUTE)
        assert alert_timers.work_off() == 1
        # The time begins anew, so that a second look changes nothing.
        assert alert_timers.work_off() == 0
        assert is_due(alert, 5 * MINUTE)
    assert steps(alert) == ["raised", "renotified", "escalated", "escalated", "renotified", "renotified"]
    assert (alert.state, alert.level) == ("raised", 3)
    events = [(name, event["alert"]["level"], event["by"]) for name, event in told("icu")[-5:]]
    assert events == [
        ("AlertRenotified", 1, None),
        ("AlertEscalated", 2, None),
        ("AlertEscalated", 3, None),
        ("AlertRenotified", 3, None),
        ("AlertRenotified", 3, None),
    ]


def test_each_severity_has_times_of_its_own(cast: Cast, patient: Patient) -> None:
    alert = raised(cast.nurse, patient, MEDIUM)
    assert is_due(alert, 15 * MINUTE)
    alerts.accept(cast.nurse, alert.pk)
    assert is_due(alert, 60 * MINUTE)


def test_a_review_that_does_not_come_calls_others_and_the_owner_stays(cast: Cast, patient: Patient) -> None:
    alert = raised(cast.nurse, patient)
    alerts.accept(cast.doctor, alert.pk)
    for _ in range(2):
        let_pass(31 * MINUTE)
        alert_timers.work_off()
    alert.refresh_from_db()
    assert (alert.owner, alert.state, alert.level) == (cast.doctor, "accepted", 2)
    # Coming at last ends the calls.
    assert alerts.start_review(cast.doctor, alert.pk).level == 0


def test_what_came_due_while_no_timer_ran_is_done_when_one_starts(cast: Cast, patient: Patient) -> None:
    alert = raised(cast.nurse, patient)
    let_pass(timedelta(hours=10))
    assert alert_timers.work_off() == 1
    # Once, not for every period that has passed: the next one begins now.
    assert steps(alert) == ["raised", "renotified"]


def test_what_is_over_is_called_no_more(cast: Cast, patient: Patient) -> None:
    alert = raised(cast.nurse, patient)
    alerts.accept(cast.doctor, alert.pk)
    alerts.resolve(cast.doctor, alert.pk, "treated")
    let_pass(timedelta(hours=10))
    assert alert_timers.work_off() == 0


@pytest.mark.django_db(transaction=True)
def test_several_timers_at_once_take_each_step_once() -> None:
    cast = Cast()
    ward = Ward.objects.create(id="icu", name="Intensive Care")
    for bed in range(6):
        raised(cast.nurse, admitted(ward, str(bed)))
    let_pass(6 * MINUTE)
    barrier = threading.Barrier(4)
    taken: list[int] = []

    def work() -> None:
        barrier.wait()
        try:
            taken.append(alert_timers.work_off())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 6
    assert {tuple(steps(alert)) for alert in Alert.objects.all()} == {("raised", "renotified")}
    assert [name for name, _ in told("icu")].count("AlertRenotified") == 6


def test_a_step_that_fails_leaves_its_alert_as_it_was(
    cast: Cast, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = raised(cast.nurse, patient)
    let_pass(6 * MINUTE)

    def lost(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("clinical.services.alert_steps.append_all", lost)
        with pytest.raises(OSError, match="full"):
            alert_timers.work_off()
    alert.refresh_from_db()
    assert (alert.level, steps(alert)) == (0, ["raised"])
    assert alert_timers.work_off() == 1
