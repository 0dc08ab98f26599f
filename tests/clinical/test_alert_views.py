"""The pages about alerts: what they show to whom, and that a plain form takes every step."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from clinical.models import Alert, Patient, Ward
from clinical.services import alerts
from tests.cast import Cast
from tests.clinical.alarming import HIGH, RED, newest, observe, raised, steps
from tests.clinical.conftest import admitted

PAGE = "/wards/icu/alerts/"


@pytest.fixture
def alert(cast: Cast, patient: Patient) -> Alert:
    return raised(cast.nurse, patient)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def test_staff_read_what_is_open_the_gravest_first(cast: Cast, patient: Patient, icu: Ward) -> None:
    observe(cast.nurse, admitted(icu, "2", family_name="Hopper"), RED)
    observe(cast.nurse, patient, HIGH)
    for user in (cast.nurse, cast.doctor, cast.pharmacist, cast.admin):
        page = text(browser(user).get(PAGE))
        assert page.index("NEWS2 7") < page.index("Red: blood pressure")
        assert all(word in page for word in ("***", "BYRON, Ada", "HOPPER, Ada", "Nobody has accepted"))
        assert ("Accept</button>" in page) == (user in (cast.nurse, cast.doctor))


def test_the_list_hides_what_the_board_of_this_screen_hides(cast: Cast, alert: Alert) -> None:
    client = browser(cast.nurse)
    for mode, shown in (("initials", "B. A."), ("bed", "Bed")):
        client.post("/wards/icu/privacy/", {"privacy": mode})
        page = text(client.get(PAGE))
        assert "BYRON" not in page
        assert shown in page
        assert f'data-privacy="{mode}"' in page


def test_an_empty_list_does_not_say_that_all_is_well(cast: Cast, icu: Ward) -> None:
    page = text(browser(cast.nurse).get(PAGE))
    assert "That says nothing about patients whom nobody has observed." in page
    assert "Secondary display" in page


def test_every_step_works_as_a_plain_form(cast: Cast, alert: Alert) -> None:
    client = browser(cast.doctor)
    for step, form in (
        ("decline", {"word": "busy"}),
        ("accept", {}),
        ("review", {}),
        ("resolve", {"word": "treated", "note": "Fluids."}),
    ):
        response = client.post(f"{PAGE}{alert.pk}/{step}/", form)
        assert (response.status_code, response["Location"]) == (302, PAGE)
    assert steps(alert) == ["raised", "declined", "accepted", "started", "resolved"]


def test_what_is_not_possible_any_more_is_a_sentence_above_the_list(cast: Cast, alert: Alert) -> None:
    alerts.accept(cast.doctor, alert.pk)
    page = text(browser(cast.nurse).post(f"{PAGE}{alert.pk}/accept/", follow=True))
    assert "doctor.icu accepted this alert at" in page
    page = text(browser(cast.nurse).post(f"{PAGE}{uuid.uuid4()}/accept/", follow=True))
    assert "Not found, or not available to you." in page
    page = text(browser(cast.doctor).post(f"{PAGE}{alert.pk}/resolve/", {"word": "done"}, follow=True))
    assert "Choose one of: " in page
    assert steps(alert) == ["raised", "accepted"]


def test_somebody_elses_ward_looks_like_none(cast: Cast, alert: Alert, cardio: Ward) -> None:
    client = browser(cast.nurse)
    for ward in ("cardio", "nowhere", "a b%00"):
        for page in ("", "budget/"):
            assert client.get(f"/wards/{ward}/alerts/{page}").status_code == 404
        assert client.post(f"/wards/{ward}/alerts/{alert.pk}/accept/").status_code == 404
    assert client.post(f"{PAGE}{alert.pk}/explode/").status_code == 404
    assert client.get(f"{PAGE}{alert.pk}/accept/").status_code == 405
    assert Client().get(PAGE).status_code == 302


def test_a_form_from_elsewhere_is_refused(cast: Cast, alert: Alert) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.nurse)
    assert client.post(f"{PAGE}{alert.pk}/accept/").status_code == 403
    assert steps(alert) == ["raised"]


def test_the_list_costs_the_same_whatever_its_length(
    cast: Cast, icu: Ward, django_assert_max_num_queries: Any
) -> None:
    for bed in range(6):
        raised(cast.nurse, admitted(icu, str(bed)))
    client = browser(cast.nurse)
    with django_assert_max_num_queries(6):
        assert text(client.get(PAGE)).count('data-alert="') == 7


def test_the_figures_name_nobody(cast: Cast, patient: Patient, alert: Alert) -> None:
    Alert.objects.update(raised_at=alert.raised_at - timedelta(minutes=3))
    alerts.accept(cast.doctor, newest().pk)
    for days in ("1", "7", "30", "x", "", "\u0667"):
        page = text(browser(cast.admin).get(f"{PAGE}budget/", {"days": days}))
        assert "3:00 min" in page
        assert "100 %" in page
        assert "BYRON" not in page
    assert 'href="?days=7" aria-current="page"' in page
