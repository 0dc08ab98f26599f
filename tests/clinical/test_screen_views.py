"""Privacy modes, print, wall display, help and language: what each screen may show, and what paper says."""

import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Role, User
from clinical import board_page
from clinical.events import ObservationInput
from clinical.models import Drug, Patient, Ward
from clinical.services import corrections, flags, observations, orders
from clinical.services.frequency_decisions import prescribe
from clinical.services.scoring_decisions import decide
from tests.cast import Cast, hire
from tests.clinical.conftest import admitted

BOARD, PRINT, WALL = "/wards/icu/", "/wards/icu/print/", "/wards/icu/wall/"
ILL = ObservationInput(respiration=26, pulse=120, on_oxygen=True)


@pytest.fixture
def ward(cast: Cast, patient: Patient) -> Patient:
    """BYRON, Ada in bed 1 is ill and has a draft order."""
    Drug.objects.create(name="Morphine")
    observations.record(cast.nurse, patient.pk, ILL)
    orders.draft(cast.doctor, patient.pk, "Morphine")
    return patient


def logged_in(user: User, **headers: str) -> Client:
    client = Client(headers=headers)
    client.force_login(user)
    return client


def text(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.parametrize(
    ("mode", "shown", "hidden"),
    [
        ("full", ["BYRON, Ada", "MRN A1", "10 Dec 1960", "Draft: Morphine"], []),
        ("initials", ["B. A.", "Draft order"], ["BYRON", "MRN", "1960", "Morphine"]),
        ("bed", ["Occupied", "Draft order"], ["BYRON", "B. A.", "MRN", "1960", "Morphine"]),
        ("everything", ["Occupied"], ["BYRON", "MRN"]),
    ],
)
def test_a_screen_shows_of_names_what_its_mode_allows(
    cast: Cast, ward: Patient, mode: str, shown: list[str], hidden: list[str]
) -> None:
    client = logged_in(cast.nurse)
    assert client.post("/wards/icu/privacy/", {"privacy": mode}).status_code == 302
    for path in (BOARD, PRINT, f"/patients/{ward.pk}/"):
        page = text(client.get(path))
        assert [each for each in shown[:1] if each not in page] == [], path
        assert [each for each in hidden if each in page] == [], path
    assert [each for each in shown if each not in text(client.get(BOARD))] == []


def test_what_somebody_has_written_of_a_patient_goes_with_the_name(cast: Cast, patient: Patient) -> None:
    decide(cast.doctor, patient.pk, "pregnant", "32nd week, says Mr Obi")
    recorded = observations.record(cast.nurse, patient.pk, ILL)
    corrections.correct(cast.nurse, recorded.set_id, ObservationInput(pulse=90), "was of Mr Obi")
    until = timezone.now() + timedelta(hours=5)
    prescribe(cast.doctor, patient.pk, 60, "as after the fall of Mr Obi", until)
    flags.put(cast.nurse, patient.pk, "falls", "in front of Mr Obi")
    client = logged_in(cast.nurse)
    path = f"/patients/{patient.pk}/"
    page = text(client.get(path))
    assert page.count("Mr Obi") >= 5
    assert re.search(r"Every 1 h until [^<]+, doctor\.icu: as after the fall of Mr Obi</p>", page)
    assert "pregnant" in page
    for mode in ("initials", "bed"):
        client.post("/wards/icu/privacy/", {"privacy": mode})
        page = text(client.get(path))
        assert re.search(r"Every 1 h until [^<]+, doctor\.icu</p>", page), mode
        assert [each for each in ("Mr Obi", "pregnant") if each in page] == [], mode


def test_the_mode_belongs_to_the_screen_and_ends_with_the_login(cast: Cast, ward: Patient) -> None:
    client, other = logged_in(cast.nurse), logged_in(cast.nurse)
    client.post("/wards/icu/privacy/", {"privacy": "bed"})
    assert "BYRON" in text(other.get(BOARD))
    assert "BYRON" not in text(client.get(BOARD))
    client.post("/logout/")
    client.force_login(cast.nurse)
    assert "BYRON" in text(client.get(BOARD))


def test_no_cookie_says_anything_about_patients(cast: Cast, ward: Patient) -> None:
    client = logged_in(cast.nurse)
    client.post("/wards/icu/privacy/", {"privacy": "initials"})
    client.get(BOARD)
    assert set(client.cookies) <= {"sessionid", "csrftoken"}


def test_paper_says_when_and_by_whom_it_was_printed(
    cast: Cast, ward: Patient, caplog: pytest.LogCaptureFixture
) -> None:
    cast.nurse.first_name, cast.nurse.last_name = "Nora", "Lindqvist"
    cast.nurse.save()
    with caplog.at_level(logging.INFO, "clinical"):
        page = text(logged_in(cast.nurse).get(PRINT))
    assert re.search(r"Printed at \d\d:\d\d on \d+ \w+ \d{4} by Nora Lindqvist\.", page)
    assert "Not live after this time" in page
    assert "1 patient " in page
    assert "Not the primary alarm" in page
    [record] = [each for each in caplog.records if each.message == "board printed"]
    assert (vars(record)["user"], vars(record)["ward"]) == (cast.nurse.pk, "icu")
    assert "BYRON" not in caplog.text


def test_nobody_prints_a_ward_that_is_not_theirs(cast: Cast, icu: Ward, cardio: Ward) -> None:
    for path in (PRINT, WALL):
        assert logged_in(cast.nurse_of_another_ward).get(path).status_code == 404
        assert logged_in(cast.visitor).get(path).status_code == 404
        assert Client().get(path).status_code == 302


def test_help_is_there_for_everybody_and_says_what_the_board_is_not(cast: Cast, icu: Ward) -> None:
    page = text(Client().get("/help/"))
    for word in (
        "NEWS2",
        "NOT LIVE",
        "Amber",
        "RED",
        "not the primary alarm",
        "not validated for clinical use",
    ):
        assert word in page
    assert "/help/" in text(logged_in(cast.nurse).get(BOARD))


def test_the_board_costs_five_queries_besides_those_for_the_login(
    cast: Cast, icu: Ward, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Drug.objects.create(name="Morphine")
    for bed in range(8):
        patient = admitted(icu, str(bed))
        for given in (ObservationInput(pulse=80), ILL):
            observations.record(cast.nurse, patient.pk, given)
        orders.draft(cast.doctor, patient.pk, "Morphine")
    client = logged_in(cast.nurse)
    # Session, user, login, and assignments for the board's links; ward, patients, schedules, drafts, alerts.
    for path, login in ((BOARD, 4), (WALL, 3), (PRINT, 3)):
        with django_assert_num_queries(login + 5):
            client.get(path)


def test_every_filter_of_the_page_is_one_that_the_browser_knows(cast: Cast, icu: Ward) -> None:
    page = text(logged_in(cast.nurse).get(BOARD))
    module = Path(board_page.__file__).parent / "static/clinical/js/filter_state.js"
    known = re.findall(r"^  (\w+): \(", module.read_text(encoding="utf-8"), re.MULTILINE)
    assert re.findall(r'data-filter="(\w+)"', page) == known


@pytest.fixture
def display(cast: Cast, ward: Patient) -> User:
    return hire("wall.icu", Role.WALL_INITIALS, "icu")


def test_a_wall_display_sees_its_ward_and_no_name(display: User) -> None:
    client = logged_in(display)
    assert client.get("/").headers["Location"] == WALL
    page = text(client.get(WALL))
    assert "B. A." in page
    assert "≥7" in page
    for hidden in ("BYRON", "MRN", "1960", "Morphine", "data-open", "<dialog"):
        assert hidden not in page


def test_a_display_of_beds_only_shows_no_initials(cast: Cast, ward: Patient) -> None:
    page = text(logged_in(hire("wall.beds", Role.WALL_BEDS, "icu")).get(WALL))
    assert "Occupied" in page
    assert "B. A." not in page


def test_a_wall_display_opens_nothing_else(display: User, ward: Patient, cardio: Ward) -> None:
    client = logged_in(display)
    for path in (
        BOARD,
        PRINT,
        "/wards/cardio/wall/",
        f"/patients/{ward.pk}/",
        "/wards/icu/beds/",
        "/wards/icu/alerts/",
    ):
        assert client.get(path).status_code in (403, 404), path
    token = client.post("/api/token/session/").json()["access"]
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get("/api/patients/")
    assert answer.status_code == 403


def test_a_wall_display_stays_logged_in_and_unlocked_for_months(display: User) -> None:
    client = logged_in(display)
    assert client.session.get_expiry_age() > 300 * 24 * 3600
    assert client.get(WALL).status_code == 200


def test_staff_may_look_at_their_ward_as_the_wall_shows_it(cast: Cast, ward: Patient) -> None:
    page = text(logged_in(cast.nurse).get(WALL))
    assert "B. A." in page
    assert "BYRON" not in page


@pytest.mark.parametrize("path", ["/login/", "/help/"])
def test_the_language_is_that_of_the_browser(db: None, path: str) -> None:
    assert '<html lang="de">' in text(Client(headers={"Accept-Language": "de-CH,de;q=0.9"}).get(path))
    assert '<html lang="en-gb">' in text(Client(headers={"Accept-Language": "en-US,en"}).get(path))
    assert '<html lang="en-gb">' in text(Client(headers={"Accept-Language": "fr"}).get(path))


def test_a_chosen_language_wins_over_that_of_the_browser(cast: Cast, ward: Patient) -> None:
    client = logged_in(cast.nurse, **{"Accept-Language": "de"})
    board = text(client.get(BOARD))
    for german in (
        "Hoch",
        "geb.",
        "Entwurf: Morphine",
        "Nächste ",
        "gerade eben",
        "Messung speichern",
    ):
        assert german in board
    assert "/language/texts.js" in board
    client.post("/language/", {"language": "en-gb"}, headers={"Referer": "http://testserver/wards/icu/"})
    board = text(client.get(BOARD))
    assert "High" in board
    assert "/language/texts.js" not in board


def test_the_words_of_the_scripts_come_in_the_pages_language(db: None) -> None:
    answer = Client(headers={"Accept-Language": "de"}).get("/language/texts.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert '"just now": "gerade eben"' in text(answer)
