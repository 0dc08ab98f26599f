"""What a page asks of its login: whose it is, a token, the lock."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import LoginSession
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.urls("accounts.urls")

WHO, ACTIVITY, LOCK, UNLOCK = (
    "/api/session/",
    "/api/session/activity/",
    "/api/session/lock/",
    "/api/session/unlock/",
)
TOKEN = "/api/token/session/"
CSRF = "a" * 32


@pytest.fixture
def browser(cast: Cast) -> Client:
    """The nurse's, which forgets no CSRF token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.nurse)
    client.cookies["csrftoken"] = CSRF
    return client


def post(browser: Client, path: str, body: Any = None) -> Any:
    return browser.post(path, body or {}, content_type="application/json", headers={"X-CSRFToken": CSRF})


def test_who_am_i_comes_from_the_server_and_is_kept_nowhere(cast: Cast, browser: Client) -> None:
    response = browser.get(WHO)
    answer = response.json()
    assert response["Cache-Control"] == "no-store"
    assert (answer["user"], answer["name"], answer["role"]) == (str(cast.nurse.pk), "nurse.icu", "Nurse")
    assert (answer["login"], answer["locked"]) == (browser.session["sid"], False)
    assert 0 <= answer["idle"] < 60


def test_nobody_is_said_to_be_nobody(cast: Cast, browser: Client) -> None:
    LoginSession.objects.get_queryset().filter(user=cast.nurse).end("signed out")
    for nobody in (Client(), browser):
        response = nobody.get(WHO)
        assert (response.status_code, response.json()) == (200, {"user": None})
        assert response["Cache-Control"] == "no-store"


def test_SE_7_a_locked_screen_stays_locked_until_its_password_comes(browser: Client) -> None:
    assert post(browser, LOCK).status_code == 204
    assert browser.get(WHO).json()["locked"] is True
    assert post(browser, ACTIVITY).json() == {"locked": True}
    assert post(browser, UNLOCK, {"password": "wrong"}).status_code == 403
    assert browser.get(WHO).json()["locked"] is True
    assert post(browser, UNLOCK, {"password": PASSWORD}).status_code == 204
    assert browser.get(WHO).json()["locked"] is False
    assert post(browser, ACTIVITY).json() == {"locked": False}


def test_SE_7_a_locked_screen_gets_no_token(browser: Client) -> None:
    assert post(browser, TOKEN).status_code == 200
    post(browser, LOCK)
    response = post(browser, TOKEN)
    assert response.status_code == 423
    assert "access" not in response.json()
    post(browser, UNLOCK, {"password": PASSWORD})
    assert post(browser, TOKEN).status_code == 200


def test_unlocking_is_counted_as_a_login_is_and_answers_the_same_when_locked_out(browser: Client) -> None:
    post(browser, LOCK)
    answers = [post(browser, UNLOCK, {"password": "wrong"}) for _ in range(5)]
    answers.append(post(browser, UNLOCK, {"password": PASSWORD}))
    assert {each.status_code for each in answers} == {403}
    assert len({each.content for each in answers}) == 1
    token = Client().post(
        "/api/token/", {"username": "nurse.icu", "password": PASSWORD}, content_type="application/json"
    )
    assert token.status_code == 401


@pytest.mark.parametrize("path", [ACTIVITY, LOCK, UNLOCK, TOKEN])
def test_nobody_changes_anything_and_no_foreign_page_does(browser: Client, path: str) -> None:
    stranger = Client().post(path, {"password": PASSWORD}, content_type="application/json")
    assert stranger.status_code == 401
    forged = browser.post(path, {"password": PASSWORD}, content_type="application/json")
    assert forged.status_code == 403
    assert browser.get(WHO).json()["locked"] is False


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "{}", '{"password": 5}', '{"password": null}', '{"password": "a\\u0000"}']
)
def test_a_body_that_is_not_as_asked_is_a_bad_request(browser: Client, body: str) -> None:
    response = browser.post(UNLOCK, body, content_type="application/json", headers={"X-CSRFToken": CSRF})
    assert response.status_code == 400
