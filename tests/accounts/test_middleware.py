"""Every page of a locked browser leads to its lock, and a login that was ended elsewhere is none."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import lock
from accounts.models import LoginSession, Role, User
from clinical.models import Ward
from tests.cast import PASSWORD, Cast, hire

LOGIN, LOCKED, BOARD = "/login/", "/locked/", "/wards/icu/"


@pytest.fixture
def browser(cast: Cast) -> Client:
    Ward.objects.create(pk="icu", name="Intensive Care")
    client = Client()
    client.post(LOGIN, {"username": "nurse.icu", "password": PASSWORD})
    return client


def session_in(browser: Client) -> LoginSession:
    return LoginSession.objects.get(pk=browser.session["sid"])


def test_SE_7_a_page_that_is_loaded_again_is_still_locked(browser: Client) -> None:
    lock.lock(session_in(browser))
    response = browser.get(f"{BOARD}?bed=1")
    assert (response.status_code, response["Location"]) == (302, "/locked/?next=%2Fwards%2Ficu%2F%3Fbed%3D1")
    assert browser.get("/")["Location"] == "/locked/?next=%2F"
    assert browser.post(BOARD)["Location"] == LOCKED


def test_SE_7_a_page_that_comes_back_after_hours_is_locked_though_nobody_said_so(browser: Client) -> None:
    LoginSession.objects.update(active_at=timezone.now() - timedelta(hours=2))
    assert browser.get(BOARD)["Location"].startswith(LOCKED)


def test_SE_7_the_administration_is_locked_too(db: None) -> None:
    User.objects.create_superuser("chief", password=PASSWORD)
    browser = Client()
    browser.post("/admin/login/", {"username": "chief", "password": PASSWORD})
    assert browser.get("/admin/accounts/user/").status_code == 200
    lock.lock(session_in(browser))
    for path in ("/admin/", "/admin/accounts/user/"):
        assert browser.get(path)["Location"].startswith(LOCKED)


def test_whoever_stands_before_a_locked_screen_can_unlock_it_log_in_and_log_out(browser: Client) -> None:
    lock.lock(session_in(browser))
    for path in (LOCKED, LOGIN, "/admin/login/"):
        assert browser.get(path).status_code in (200, 302)
    assert browser.get("/admin/login/").status_code == 200
    assert browser.post("/logout/")["Location"] == LOGIN


def test_a_browser_whose_login_was_ended_elsewhere_is_logged_out(browser: Client) -> None:
    session = session_in(browser)
    # As after a change of the session's key, which the login does not know.
    LoginSession.objects.filter(pk=session.pk).update(browser_key="")
    LoginSession.objects.get_queryset().filter(pk=session.pk).end("ended by an administrator")
    assert browser.get(BOARD)["Location"] == f"/login/?next={BOARD}"
    assert "_auth_user_id" not in browser.session


def test_the_api_is_asked_with_tokens_and_not_for_the_lock(browser: Client, cast: Cast) -> None:
    lock.lock(session_in(browser))
    answer: Any = browser.get("/api/session/").json()
    assert answer["locked"] is True


def test_an_answer_to_the_former_login_does_not_take_the_cookie_of_the_next_one(browser: Client) -> None:
    former = browser.cookies["sessionid"].value
    hire("nurse.next", Role.NURSE, "icu")
    browser.post(LOGIN, {"username": "nurse.next", "password": PASSWORD})
    for path in ("/api/session/", BOARD):
        # Asked before the new login's cookie had come, answered behind it.
        late = Client(headers={"Cookie": f"sessionid={former}"}).get(path)
        assert "sessionid" not in late.cookies
        assert "Cookie" in late["Vary"]
    assert browser.post("/logout/").cookies["sessionid"].value == ""
