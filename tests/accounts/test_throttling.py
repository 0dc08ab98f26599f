"""Logins that fail are counted by name and address, at every door alike, and tell a stranger nothing."""

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection, connections
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import throttling
from accounts.models import Role, User
from tests.cast import PASSWORD, Cast, hire, token_of

BOARD, ADMIN, API = "/login/", "/admin/login/", "/api/token/"
DOORS = [BOARD, ADMIN, API]
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
PATIENT = "0b0e7c1e-5b0f-4f43-9c5b-3f0d7ad0a001"


@pytest.fixture
def chief(db: None) -> User:
    """Somebody whom all three doors let in."""
    return User.objects.create_superuser("chief", password=PASSWORD)


def attempt(door: str, username: str, password: str, address: str = "10.0.0.1", query: str = "") -> Any:
    body = {"username": username, "password": password}
    client = Client(REMOTE_ADDR=address)
    if door == API:
        return client.post(f"{door}{query}", body, content_type="application/json")
    return client.post(f"{door}{query}", body)


def opens(door: str, *args: str) -> bool:
    response = attempt(door, *args)
    return response.status_code == (200 if door == API else 302)


def fail(times: int, door: str = BOARD, username: str = "chief", address: str = "10.0.0.1") -> None:
    for _ in range(times):
        assert not opens(door, username, "wrong", address)


@pytest.mark.parametrize("locking", DOORS)
def test_wrong_passwords_at_one_door_lock_every_door(chief: User, locking: str) -> None:
    fail(4, locking)
    assert opens(locking, "chief", PASSWORD)
    fail(5, locking)
    for door in DOORS:
        assert not opens(door, "chief", PASSWORD)


def test_the_doors_count_together(chief: User) -> None:
    for door in (BOARD, ADMIN, API, BOARD, ADMIN):
        fail(1, door)
    assert not opens(API, "chief", PASSWORD)


def test_neither_another_name_nor_another_address_is_locked(chief: User) -> None:
    hire("nurse", Role.NURSE)
    fail(6)
    assert opens(BOARD, "nurse", PASSWORD)
    assert opens(BOARD, "chief", PASSWORD, "10.0.0.2")
    assert not opens(BOARD, "chief", PASSWORD)


def test_a_lock_ends_by_time_and_is_not_prolonged_by_trying(chief: User, settings: Settings) -> None:
    fail(5)
    counted = AccessAttempt.objects.get()
    fail(3)
    counted.refresh_from_db()
    assert counted.failures_since_start == 5
    AccessAttempt.objects.update(
        attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME + timedelta(seconds=9)
    )
    assert not opens(BOARD, "chief", PASSWORD)
    AccessAttempt.objects.update(attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME)
    assert opens(BOARD, "chief", PASSWORD)
    assert AccessAttempt.objects.count() == 0


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each password that is hashed, which is what a login takes its time for."""
    counted: list[str] = []
    encode = MD5PasswordHasher.encode

    def counting(self: MD5PasswordHasher, password: str, salt: str) -> str:
        counted.append("a hash")
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    return counted


@pytest.mark.parametrize("door", DOORS)
def test_a_locked_login_is_answered_as_a_wrong_password_and_costs_as_much(
    chief: User, door: str, hashes: list[str]
) -> None:
    fail(5, door)
    answers = []
    for username, password, address in (
        ("chief", PASSWORD, "10.0.0.1"),
        ("chief", "wrong", "10.0.0.1"),
        ("chief", "wrong", "10.0.0.2"),
    ):
        hashes.clear()
        response = attempt(door, username, password, address)
        body = CSRF.sub("", response.content.decode())
        headers = sorted(item for item in response.items() if item[0] != "Expires")
        answers.append((response.status_code, body, headers, len(hashes)))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][-1] == 1
    hashes.clear()
    attempt(door, "nobody", "wrong")
    assert len(hashes) == 1


def test_staff_read_in_one_line_of_the_log_what_the_caller_does_not_learn(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    for username in ("nobody", "former.nurse", *["nurse.icu"] * 6):
        attempt(API, username, "wrong")
    lines = [record.__dict__ for record in caplog.records if record.msg == "login failed"]
    assert [line["reason"] for line in lines] == [
        "unknown name",
        "deactivated user",
        *["wrong password"] * 5,
        "locked after too many failures",
    ]
    assert {line["levelno"] for line in lines} == {logging.WARNING}
    assert (lines[-1]["user"], lines[-1]["address"], lines[-1]["path"]) == (cast.nurse.pk, "10.0.0.1", API)
    assert not [record for record in caplog.records if record.name.startswith("axes") and record.levelno > 20]


def test_no_password_token_or_patient_is_kept_or_logged(
    chief: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = ["hunter2-hunter2", "password-in-the-wrong-field", PATIENT, "secret-ticket"]
    for door in DOORS:
        for _ in range(3):
            attempt(door, "chief", secrets[0], query=f"?next=/patients/{PATIENT}/&access_token=secret-ticket")
        attempt(door, secrets[1], "x")
    kept = [" ".join(map(str, row)) for row in AccessAttempt.objects.values_list()]
    assert len(kept) == 2
    logged = [
        str(record.__dict__ | {"request": None})
        for record in caplog.records
        if record.name in ("accounts", "axes")
    ]
    assert logged
    for secret in secrets:
        assert not [text for text in kept + logged if secret in text]


@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_none_slips_through(caplog: pytest.LogCaptureFixture) -> None:
    hire("nurse", Role.NURSE)

    def guess(number: int) -> bool:
        try:
            return opens(API, "nurse", f"guess {number}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as guessing:
        assert not any(guessing.map(guess, range(24)))
    reasons = [record.__dict__["reason"] for record in caplog.records if record.msg == "login failed"]
    assert reasons.count("wrong password") == 5
    assert len(reasons) == 24


@pytest.mark.parametrize(
    ("seen", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", "0.0.0.0"),
        ("unix:", "0.0.0.0"),
    ],
)
def test_whoever_has_many_addresses_has_one_count(seen: str, counted: str) -> None:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = seen
    assert throttling.client_address(request) == counted


def test_an_administrator_sees_who_is_locked_and_takes_it_off(chief: User) -> None:
    nurse = hire("nurse", Role.NURSE)
    fail(5, API, "nurse")
    fail(1, API, "no-such-name")
    browser = Client(REMOTE_ADDR="10.0.0.9")
    browser.force_login(chief)
    page = browser.get("/admin/axes/accessattempt/").content.decode()
    assert "nurse" in page
    assert "no-such-name" not in page
    assert page.count("icon-yes") == page.count("icon-no") == 1
    locked = AccessAttempt.objects.get(username="nurse")
    assert browser.get(f"/admin/axes/accessattempt/{locked.pk}/change/").status_code == 200
    browser.post(f"/admin/axes/accessattempt/{locked.pk}/delete/", {"post": "yes"})
    assert opens(BOARD, nurse.username, PASSWORD)
    browser.force_login(hire("clerk", Role.VISITOR))
    assert browser.get("/admin/axes/accessattempt/").status_code == 302


def test_tokens_are_verified_without_a_look_at_the_count(cast: Cast) -> None:
    token = token_of(cast.nurse)
    fail(6, API, "nurse.icu")
    bearer = {"Authorization": f"Bearer {token}"}
    with CaptureQueriesContext(connection) as queries:
        response = Client(REMOTE_ADDR="10.0.0.1").get("/api/patients/", headers=bearer)
    assert response.status_code == 200
    assert not [each["sql"] for each in queries if re.search("axes|django_session", each["sql"])]


def test_our_own_code_may_try_a_password_without_a_request(chief: User) -> None:
    browser = Client()
    assert not browser.login(username="chief", password="wrong")
    assert browser.login(username="chief", password=PASSWORD)
    assert AccessAttempt.objects.count() == 0
