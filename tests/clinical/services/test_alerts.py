"""Accepting, declining, reviewing, resolving: who may, who wins, and what everybody else is told."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Role
from clinical import access
from clinical.models import Alert, AlertStep, Assignment, Patient, Ward
from clinical.services import alert_timers, alerts, patients
from clinical.services.alert_answers import (
    AlertConflict,
    AlreadyAccepted,
    AlreadyOver,
    InvalidAnswer,
    NotTheOwner,
    UnknownAlert,
)
from tests.cast import Cast, hire
from tests.clinical.alarming import HIGH, MEDIUM, is_due, let_pass, newest, observe, raised, steps
from tests.clinical.conftest import admitted, told

MINUTE = timedelta(minutes=1)


@pytest.fixture
def alert(cast: Cast, patient: Patient) -> Alert:
    return raised(cast.nurse, patient)


def test_to_accept_is_to_own_and_the_ward_hears_who(cast: Cast, alert: Alert) -> None:
    view = alerts.accept(cast.doctor, alert.pk)
    assert (view.state, view.owner, view.owner_id) == ("accepted", "doctor.icu", cast.doctor.pk)
    name, payload = told("icu")[-1]
    assert (name, payload["by"], payload["alert"]["owner"]) == ("AlertAccepted", "doctor.icu", "doctor.icu")
    assert is_due(alert, 30 * MINUTE)
    step = alert.steps.last()
    assert step is not None
    assert (step.actor, step.version) == (cast.doctor, 2)


def test_a_second_click_is_answered_the_same_and_is_no_step(cast: Cast, alert: Alert) -> None:
    first = alerts.accept(cast.doctor, alert.pk)
    before = told("icu")
    assert alerts.accept(cast.doctor, alert.pk) == first
    alerts.start_review(cast.doctor, alert.pk)
    assert alerts.start_review(cast.doctor, alert.pk).state == "in_progress"
    done = alerts.resolve(cast.doctor, alert.pk, "treated")
    assert alerts.resolve(cast.doctor, alert.pk, "treated") == done
    assert steps(alert) == ["raised", "accepted", "started", "resolved"]
    assert len(told("icu")) == len(before) + 2


def test_the_second_who_accepts_is_told_who_was_first(cast: Cast, alert: Alert) -> None:
    alerts.accept(cast.doctor, alert.pk)
    time = f"{timezone.localtime():%H:%M}"
    with pytest.raises(AlreadyAccepted, match=f"^doctor.icu accepted this alert at {time[:3]}"):
        alerts.accept(cast.nurse, alert.pk)
    with pytest.raises(AlreadyAccepted):
        alerts.decline(cast.nurse, alert.pk, "busy")


@pytest.mark.django_db(transaction=True)
def test_of_many_who_accept_at_once_exactly_one_wins_and_the_others_read_who() -> None:
    cast = Cast()
    alert = raised(cast.nurse, admitted(Ward.objects.create(id="icu", name="Intensive Care"), "1"))
    people = [cast.nurse, cast.doctor, *(hire(f"n{number}", Role.NURSE, "icu") for number in range(4))]
    outcomes = at_once([partial(alerts.accept, user, alert.pk) for user in people])
    winners = [each for each in outcomes if not isinstance(each, Exception)]
    assert len(winners) == 1
    losers = [each for each in outcomes if isinstance(each, AlreadyAccepted)]
    assert len(losers) == len(people) - 1
    assert all(str(each).startswith(f"{winners[0].owner} accepted this alert") for each in losers)
    assert steps(alert) == ["raised", "accepted"]


@pytest.mark.django_db(transaction=True)
def test_a_double_click_that_is_really_concurrent_is_one_step() -> None:
    cast = Cast()
    alert = raised(cast.nurse, admitted(Ward.objects.create(id="icu", name="Intensive Care"), "1"))
    outcomes = at_once([lambda: alerts.accept(cast.doctor, alert.pk)] * 4)
    assert {getattr(each, "owner", each) for each in outcomes} == {"doctor.icu"}
    outcomes = at_once([lambda: alerts.resolve(cast.doctor, alert.pk, "treated")] * 4)
    assert {getattr(each, "state", each) for each in outcomes} == {"resolved"}
    assert steps(alert) == ["raised", "accepted", "resolved"]


@pytest.mark.django_db(transaction=True)
def test_whoever_accepts_while_the_timer_calls_loses_nothing() -> None:
    cast = Cast()
    alert = raised(cast.nurse, admitted(Ward.objects.create(id="icu", name="Intensive Care"), "1"))
    let_pass(6 * MINUTE)
    at_once([lambda: alerts.accept(cast.doctor, alert.pk), alert_timers.work_off, alert_timers.work_off])
    alert.refresh_from_db()
    assert (alert.state, alert.owner, alert.level) == ("accepted", cast.doctor, 0)
    assert steps(alert).count("renotified") <= 1
    assert list(alert.steps.values_list("version", flat=True)) == list(range(1, alert.version + 1))


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """What each call has answered, or raised, all begun at the same moment."""
    barrier = threading.Barrier(len(calls))
    outcomes: list[Any] = []

    def one(call: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            outcomes.append(call())
        except AlertConflict as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == len(calls)
    return outcomes


def test_declining_takes_a_reason_and_postpones_nothing(cast: Cast, alert: Alert) -> None:
    due = alert.next_step_at
    view = alerts.decline(cast.nurse, alert.pk, "busy", " With bed 4. ")
    assert (view.state, view.owner, view.next_step_at) == ("raised", None, due)
    name, payload = told("icu")[-1]
    assert (name, payload["by"], payload["reason"], payload["note"]) == (
        "AlertDeclined",
        "nurse.icu",
        "busy",
        "With bed 4.",
    )
    alerts.decline(cast.nurse, alert.pk, "busy")
    assert steps(alert) == ["raised", "declined"]
    # Whoever has changed their mind is welcome.
    assert alerts.accept(cast.nurse, alert.pk).owner == "nurse.icu"


def test_an_owner_gives_it_back_and_it_waits_for_somebody_anew(cast: Cast, alert: Alert) -> None:
    alerts.accept(cast.doctor, alert.pk)
    alerts.start_review(cast.doctor, alert.pk)
    view = alerts.decline(cast.doctor, alert.pk, "off-duty")
    assert (view.state, view.owner, view.level) == ("raised", None, 0)
    assert is_due(alert, 5 * MINUTE)
    assert alerts.accept(cast.nurse, alert.pk).owner == "nurse.icu"
    assert steps(alert) == ["raised", "accepted", "started", "returned", "accepted"]


@pytest.mark.parametrize(
    ("word", "note", "text"),
    [
        ("", "", "Choose one of: busy, not-mine, off-duty, other."),
        ("BUSY", "", "Choose one of"),
        ("\x00", "", "Choose one of"),
        ("other", " ", "Say which in the note."),
        ("busy", "x" * 501, "A note has at most 500 characters."),
        ("busy", "a\x00b", "The note has characters that cannot be kept."),
        ("busy", "\ud800", "The note has characters that cannot be kept."),
    ],
)
def test_an_answer_that_is_none_changes_nothing(
    cast: Cast, alert: Alert, word: str, note: str, text: str
) -> None:
    with pytest.raises(InvalidAnswer, match=f"^{text}"):
        alerts.decline(cast.nurse, alert.pk, word, note)
    assert steps(alert) == ["raised"]


def test_only_its_owner_reviews_and_resolves(cast: Cast, alert: Alert) -> None:
    for step in (alerts.start_review, lambda user, pk: alerts.resolve(user, pk, "treated")):
        with pytest.raises(NotTheOwner, match=r"^Nobody has accepted this alert yet\. Accept it first\.$"):
            step(cast.nurse, alert.pk)
    alerts.accept(cast.doctor, alert.pk)
    with pytest.raises(NotTheOwner, match=r"^doctor\.icu accepted this alert at .*; only they may"):
        alerts.resolve(cast.nurse, alert.pk, "treated")
    assert steps(alert) == ["raised", "accepted"]


def test_a_review_begins_the_time_anew_and_ends_with_its_outcome(cast: Cast, alert: Alert) -> None:
    alerts.accept(cast.doctor, alert.pk)
    let_pass(20 * MINUTE)
    alerts.start_review(cast.doctor, alert.pk)
    assert is_due(alert, 30 * MINUTE)
    view = alerts.resolve(cast.doctor, alert.pk, "other", "Went home.")
    assert (view.state, view.owner, view.next_step_at) == ("resolved", "doctor.icu", None)
    last = AlertStep.objects.get(kind="resolved")
    assert (last.reason, last.note, last.actor) == ("other", "Went home.", cast.doctor)


def test_what_is_over_says_how_it_ended(cast: Cast, patient: Patient, alert: Alert) -> None:
    alerts.accept(cast.doctor, alert.pk)
    alerts.resolve(cast.doctor, alert.pk, "treated")
    with pytest.raises(AlreadyOver, match=r"^This alert was resolved by doctor\.icu at \d\d:\d\d\. Nothing"):
        alerts.accept(cast.nurse, alert.pk)
    with pytest.raises(AlreadyOver):
        alerts.resolve(cast.nurse, alert.pk, "treated")


def test_a_stale_form_is_told_that_a_newer_alert_is_there(cast: Cast, patient: Patient) -> None:
    mild = raised(cast.nurse, patient, MEDIUM)
    observe(cast.nurse, patient, HIGH)
    with pytest.raises(AlreadyOver, match=r"^This alert was superseded by a newer one"):
        alerts.accept(cast.nurse, mild.pk)
    assert newest().owner is None


def test_an_unknown_alert_looks_like_one_of_somebody_elses_ward(cast: Cast, alert: Alert) -> None:
    texts = set()
    for user, alert_id in ((cast.doctor_of_another_ward, alert.pk), (cast.doctor, uuid.uuid4())):
        for step in (alerts.accept, alerts.start_review):
            with pytest.raises(UnknownAlert) as caught:
                step(user, alert_id)
            texts.add(str(caught.value))
    assert texts == {access.FORBIDDEN_PATIENT}
    assert steps(alert) == ["raised"]


def test_only_doctors_and_nurses_answer_alerts(cast: Cast, alert: Alert) -> None:
    for user in (cast.pharmacist, cast.admin, cast.visitor, cast.deactivated):
        with pytest.raises(access.Forbidden):
            alerts.accept(user, alert.pk)
    assert steps(alert) == ["raised"]


def test_an_alert_of_who_has_gone_home_is_not_found(cast: Cast, patient: Patient, alert: Alert) -> None:
    patients.discharge(patient.pk)
    with pytest.raises(UnknownAlert):
        alerts.accept(cast.doctor, alert.pk)


def test_from_an_owner_who_lets_the_time_pass_anybody_takes_it_over(cast: Cast, alert: Alert) -> None:
    alerts.accept(cast.doctor, alert.pk)
    let_pass(31 * MINUTE)
    alert_timers.work_off()
    view = alerts.accept(cast.nurse, alert.pk)
    assert (view.owner, view.level) == ("nurse.icu", 0)
    with pytest.raises(NotTheOwner):
        alerts.resolve(cast.doctor, alert.pk, "treated")


def test_the_nurse_in_charge_takes_over_from_everybody(cast: Cast, alert: Alert, icu: Ward) -> None:
    alerts.accept(cast.doctor, alert.pk)
    Assignment.objects.create(
        user=cast.nurse,
        ward=icu,
        kind="shift",
        in_charge=True,
        ends_at=timezone.now() + timedelta(hours=8),
        reason="early shift",
        granted_by=cast.admin,
    )
    assert alerts.accept(cast.nurse, alert.pk).owner == "nurse.icu"
