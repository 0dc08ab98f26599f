"""Django's login in a browser and the login session behind its tokens begin and end together."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import sessions, tokens
from accounts.models import LoginSession, Role, User
from hubs.auth import InvalidToken
from tests.cast import PASSWORD, Cast, hire


def log_in(user: User) -> Client:
    browser = Client()
    assert browser.login(username=user.username, password=PASSWORD)
    return browser


def token_in(browser: Client) -> str:
    access: str = browser.post("/api/token/session/").json()["access"]
    return access


def test_all_tokens_of_a_browser_belong_to_its_login(cast: Cast) -> None:
    browser = log_in(cast.nurse)
    first, second = tokens.verify(token_in(browser)), tokens.verify(token_in(browser))
    assert first.claims["sid"] == second.claims["sid"]
    assert tokens.verify(token_in(log_in(cast.nurse))).claims["sid"] != first.claims["sid"]


def test_SE_3_logging_out_ends_the_tokens_of_that_browser_and_no_other(cast: Cast) -> None:
    desk, phone = log_in(cast.nurse), log_in(cast.nurse)
    at_desk, at_phone = token_in(desk), token_in(phone)
    desk.logout()
    with pytest.raises(InvalidToken, match="login ended"):
        tokens.verify(at_desk)
    assert tokens.verify(at_phone).user == cast.nurse


def test_a_login_that_was_ended_elsewhere_logs_its_browser_out(cast: Cast) -> None:
    browser = log_in(cast.nurse)
    sid = tokens.verify(token_in(browser)).claims["sid"]
    sessions.end(LoginSession.objects.get(pk=sid), "ended by an administrator")
    assert browser.post("/api/token/session/").status_code == 401
    assert browser.get("/").status_code == 302


def test_an_administrator_ends_logins_and_needs_the_permission(cast: Cast) -> None:
    chief = User.objects.create_superuser("chief", password=PASSWORD)
    clerk = hire("clerk", Role.VISITOR)
    clerk.is_staff = True
    clerk.save()
    nurse = log_in(cast.nurse)
    sid = tokens.verify(token_in(nurse)).claims["sid"]
    form = {"action": "end_sessions", "_selected_action": sid}
    assert log_in(clerk).post("/admin/accounts/loginsession/", form).status_code == 403
    assert nurse.post("/api/token/session/").status_code == 200
    assert log_in(chief).post("/admin/accounts/loginsession/", form).status_code == 302
    assert nurse.post("/api/token/session/").status_code == 401


def test_a_browser_that_was_logged_in_before_logins_were_kept_gets_one(cast: Cast) -> None:
    browser = log_in(cast.nurse)
    session = browser.session
    del session["sid"]
    session.save()
    assert tokens.verify(token_in(browser)).claims["sid"] == browser.session["sid"]


def at(door: str, browser: Client, username: str) -> None:
    assert browser.post(door, {"username": username, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("second", ["/login/", "/admin/login/"])
@pytest.mark.parametrize("first", ["/login/", "/admin/login/"])
@pytest.mark.parametrize("next_user", ["head.nurse", "chief"])
def test_another_login_in_the_same_browser_ends_the_former_one_at_every_door(
    db: None, first: str, second: str, next_user: str
) -> None:
    for username in ("chief", "head.nurse"):
        User.objects.create_superuser(username, password=PASSWORD, role=Role.NURSE)
    browser = Client()
    at(first, browser, "chief")
    token = token_in(browser)
    at(second, browser, next_user)
    with pytest.raises(InvalidToken, match="login ended"):
        tokens.verify(token)
    assert tokens.verify(token_in(browser)).user.username == next_user
    assert LoginSession.objects.get_queryset().live().count() == 1
    former = LoginSession.objects.exclude(ended_at=None).get()
    assert former.end_reason == "another login"


def test_a_login_in_another_browser_ends_nothing(cast: Cast) -> None:
    desk, phone = Client(), Client()
    at("/login/", desk, "nurse.icu")
    token = token_in(desk)
    at("/login/", phone, "nurse.icu")
    assert tokens.verify(token).user == cast.nurse


def test_a_browser_that_was_emptied_and_comes_back_with_its_old_cookie_is_nobody(cast: Cast) -> None:
    browser = Client()
    at("/login/", browser, "nurse.icu")
    key = browser.session.session_key
    at("/login/", browser, "doctor.icu")
    old = Client()
    old.cookies["sessionid"] = str(key)
    assert old.post("/api/token/session/").status_code == 401


def test_a_wall_display_stays_when_its_account_logs_in_elsewhere_weeks_later(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hire("wall.icu", Role.WALL_BEDS, "icu")
    corridor, nook = Client(), Client()
    at("/login/", corridor, "wall.icu")
    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(days=60))
    at("/login/", nook, "wall.icu")
    monkeypatch.undo()
    assert corridor.post("/api/token/session/").status_code == 200


@pytest.mark.parametrize("role", [Role.NURSE, Role.WALL_BEDS])
def test_a_browsers_login_is_kept_as_long_as_its_cookie(db: None, role: Role) -> None:
    hire("somebody", role, "icu")
    browser = Client()
    at("/login/", browser, "somebody")
    login = LoginSession.objects.get(pk=browser.session["sid"])
    left = timedelta(seconds=int(browser.cookies["sessionid"]["max-age"]))
    assert abs(login.expires_at - timezone.now() - left) < timedelta(minutes=1)
