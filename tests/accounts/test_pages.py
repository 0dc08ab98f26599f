"""Logging in where somebody is logged in already, the lock's own page, and who stands on every page."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts import lock
from accounts.models import LoginSession, User
from clinical.models import Ward
from tests.accounts.late import change_while_tried
from tests.cast import PASSWORD, Cast

LOGIN, LOCKED, BOARD = "/login/", "/locked/", "/wards/icu/"


@pytest.fixture
def browser(cast: Cast) -> Client:
    for ward in ("icu", "cardio"):
        Ward.objects.create(pk=ward, name=ward)
    User.objects.filter(username="nurse.icu").update(first_name="Nora", last_name="Lindqvist")
    client = Client()
    log_in(client, "nurse.icu")
    return client


def log_in(browser: Client, username: str, door: str = LOGIN) -> Any:
    return browser.post(door, {"username": username, "password": PASSWORD})


def locked(browser: Client) -> LoginSession:
    session = LoginSession.objects.get(pk=browser.session["sid"])
    lock.lock(session)
    return session


def text(response: Any) -> str:
    return str(response.content.decode())


def test_another_user_takes_over_and_the_former_login_ends(browser: Client) -> None:
    former = locked(browser)
    page = text(browser.get(LOGIN))
    assert "Nora Lindqvist" in page
    assert "Logging in here ends that" in page
    log_in(browser, "nurse.cardio")
    former.refresh_from_db()
    assert former.end_reason == "another login"
    assert browser.get("/")["Location"] == "/wards/cardio/"


def test_SE_7_the_lock_shows_whose_it_is_and_no_patient(browser: Client) -> None:
    locked(browser)
    response = browser.get(BOARD, follow=True)
    page = text(response)
    assert "no-store" in response["Cache-Control"]
    assert "Nora Lindqvist</strong> (Nurse)" in page
    assert "Nothing about patients is shown" in page
    assert not re.search("data-patient|data-ward", page)


def test_SE_7_the_lock_opens_without_a_script_and_leads_back(browser: Client) -> None:
    session = locked(browser)
    page = browser.post(LOCKED, {"password": "wrong", "next": BOARD})
    assert page.status_code == 200
    assert "The password is not right." in text(page)
    assert f'value="{BOARD}"' in text(page)
    assert browser.post(LOCKED, {"password": PASSWORD, "next": BOARD})["Location"] == BOARD
    session.refresh_from_db()
    assert not lock.is_locked(session)
    assert browser.get(f"{LOCKED}?next={BOARD}")["Location"] == BOARD


def test_the_lock_leads_to_no_other_site(browser: Client) -> None:
    locked(browser)
    response = browser.post(LOCKED, {"password": PASSWORD, "next": "https://elsewhere.example/"})
    assert response["Location"] == "/"


def test_a_lock_without_a_login_leads_to_the_login(db: None) -> None:
    assert Client().get(LOCKED)["Location"] == LOGIN


def test_every_page_says_who_is_logged_in(browser: Client) -> None:
    User.objects.filter(username="nurse.icu").update(is_staff=True, is_superuser=True)
    for path in (BOARD, "/nowhere/", "/wards/cardio/", LOGIN, "/admin/", "/admin/accounts/user/"):
        page = text(browser.get(path))
        assert re.search(r"Nora Lindqvist</strong>\W+(<span>)?Nurse", page), path
        login = browser.session["sid"]
        assert f'<meta name="login" content="{login}"' in page, path
        assert "clinical/js/session.js" in page, path


def test_a_page_of_nobody_names_nobody(db: None) -> None:
    page = text(Client().get(LOGIN))
    assert '<meta name="login" content="" data-page="login"' in page
    assert "lock-screen" not in page


def test_pages_say_when_they_lock(browser: Client, settings: Any) -> None:
    assert 'data-idle-limit="300000"' in text(browser.get(BOARD))
    settings.IDLE_LOCK_MINUTES = 0
    assert 'data-idle-limit="0"' in text(browser.get(BOARD))


@pytest.mark.parametrize("door", [LOGIN, "/admin/login/"])
def test_SE_4_no_door_opens_to_a_password_that_changes_while_it_is_tried(
    db: None, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    chief = User.objects.create_superuser("chief", password=PASSWORD)
    wrong = Client().post(door, {"username": "chief", "password": "wrong"})
    change_while_tried(monkeypatch)
    late = Client()
    response = log_in(late, "chief", door)
    assert "_auth_user_id" not in late.session
    assert not chief.login_sessions.exists()
    if door == LOGIN:
        assert (response.status_code, *response.context["form"].non_field_errors()) == (
            wrong.status_code,
            *wrong.context["form"].non_field_errors(),
        )
