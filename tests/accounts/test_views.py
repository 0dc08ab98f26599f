"""How a token is got over HTTP, and the answers to those who do not get one."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts import tokens
from accounts.models import Role, User
from hubs.auth import InvalidToken
from tests.accounts.late import change_while_tried
from tests.cast import PASSWORD, Cast, login_of, token_of

pytestmark = pytest.mark.urls("accounts.urls")

TOKEN, REFRESH, SESSION = "/api/token/", "/api/token/refresh/", "/api/token/session/"


def post(path: str, body: Any, client: Client | None = None, **extra: Any) -> Any:
    return (client or Client()).post(path, body, content_type="application/json", **extra)


def test_name_and_password_give_access_and_refresh(cast: Cast) -> None:
    response = post(TOKEN, {"username": "nurse.icu", "password": PASSWORD})
    assert response.status_code == 200
    assert set(response.json()) == {"access", "refresh"}
    assert tokens.verify(response.json()["access"]).user == cast.nurse


def test_SE_4_a_password_that_changes_while_it_is_tried_is_a_wrong_one(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = post(TOKEN, {"username": "nurse.icu", "password": "wrong"})
    change_while_tried(monkeypatch)
    late = post(TOKEN, {"username": "nurse.icu", "password": PASSWORD})
    assert (late.status_code, late.content) == (wrong.status_code, wrong.content)
    assert late["WWW-Authenticate"] == wrong["WWW-Authenticate"]
    assert not cast.nurse.login_sessions.filter(ended_at=None).exists()


def test_a_stale_token_in_the_header_does_not_stop_a_login(cast: Cast) -> None:
    credentials = {"username": "nurse.icu", "password": PASSWORD}
    assert post(TOKEN, credentials, headers={"Authorization": "Bearer stale"}).status_code == 200


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("nurse.icu", "wrong"),
        ("nobody", PASSWORD),
        ("former.nurse", PASSWORD),
        ("NURSE.ICU", PASSWORD),
        ("nurse.icu", f" {PASSWORD}"),
    ],
)
def test_TR_8_every_failed_login_has_the_same_answer(cast: Cast, username: str, password: str) -> None:
    response = post(TOKEN, {"username": username, "password": password})
    assert response.status_code == 401
    assert response.json() == {"detail": "No active account has this name and password."}
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", [TOKEN, REFRESH])
@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[" * 60_000,
        "null",
        "[]",
        "5",
        "NaN",
        '"text"',
        "{}",
        '{"username": "nurse.icu"}',
        '{"username": 5, "password": "x", "refresh": 5}',
        '{"username": ["nurse.icu"], "password": {}, "refresh": []}',
        '{"username": "a\\u0000b", "password": "x", "refresh": "a\\u0000"}',
        '{"username": "a\\ud800", "password": "x", "refresh": "a\\ud800"}',
        '{"username": null, "password": null, "refresh": null}',
        '{"username": "", "password": "", "refresh": ""}',
        json.dumps({"username": "x" * 151, "password": "x", "refresh": "x" * 20_000}),
        json.dumps({"username": "x", "password": "x" * 5000, "refresh": "x" * 20_000}),
        b'{"username": "\xff", "password": "x"}',
    ],
)
def test_a_body_that_is_not_as_asked_is_a_bad_request(cast: Cast, path: str, body: Any) -> None:
    response = post(path, body)
    assert response.status_code == 400
    assert response.json()
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("length", [70_000, 10_000_000])
def test_a_body_that_is_too_large_is_refused_in_words(cast: Cast, length: int) -> None:
    response = post(TOKEN, json.dumps({"username": "x" * length}))
    assert (response.status_code, response.json()) == (
        413,
        {"detail": "The body is larger than 65536 bytes."},
    )


def test_what_is_wrong_with_which_member_is_said_in_one_shape(cast: Cast) -> None:
    response = post(TOKEN, {"username": 5})
    assert set(response.json()) == {"detail", "errors"}
    assert set(response.json()["errors"]) == {"username", "password"}
    assert set(post(TOKEN, "[]").json()) == {"detail"}


def test_an_invented_charset_does_no_harm(cast: Cast) -> None:
    body = json.dumps({"username": "nurse.icu", "password": PASSWORD})
    for charset in ("no-such-codec", "rot13", "utf-7"):
        response = Client().generic("POST", TOKEN, body, f"application/json; charset={charset}")
        assert response.status_code == 200


def test_only_json_is_taken(cast: Cast) -> None:
    form = Client().post(TOKEN, {"username": "nurse.icu", "password": PASSWORD})
    assert form.status_code == 415
    assert "Unsupported media type" in form.json()["detail"]


@pytest.mark.parametrize("path", [TOKEN, REFRESH])
def test_reading_gives_no_token(cast: Cast, path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 405
    assert response["Cache-Control"] == "no-store"


def test_a_refresh_token_gives_access_with_the_role_of_now(cast: Cast) -> None:
    refresh = tokens.refresh_for(login_of(cast.nurse))
    User.objects.filter(pk=cast.nurse.pk).update(role=Role.PHARMACIST)
    response = post(REFRESH, {"refresh": refresh})
    assert response.status_code == 200
    assert set(response.json()) == {"access", "refresh"}
    assert tokens.verify(response.json()["access"]).claims["role"] == "Pharmacist"
    assert response["Cache-Control"] == "no-store"


def test_what_is_no_refresh_token_gives_nothing(cast: Cast) -> None:
    for token in (
        token_of(cast.nurse),
        tokens.refresh_for(login_of(cast.deactivated)),
        "x.y.z",
        "A" * 10_240,
    ):
        response = post(REFRESH, {"refresh": token})
        assert response.status_code == 401
        assert response.json() == {"detail": "The token is not valid."}
        assert "WWW-Authenticate" in response


def logged_in(user: User) -> tuple[Client, str]:
    """A browser that has logged in, and the CSRF token that its page would send."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    client.cookies["csrftoken"] = "a" * 32
    return client, "a" * 32


def test_a_login_session_gives_access_and_no_refresh(cast: Cast) -> None:
    client, csrf = logged_in(cast.doctor)
    response = post(SESSION, {}, client, headers={"X-CSRFToken": csrf})
    assert response.status_code == 200
    assert set(response.json()) == {"access"}
    assert tokens.verify(response.json()["access"]).user == cast.doctor
    assert response["Cache-Control"] == "no-store"


def test_an_empty_body_is_enough_for_a_session(cast: Cast) -> None:
    client, csrf = logged_in(cast.doctor)
    assert client.generic("POST", SESSION, headers={"X-CSRFToken": csrf}).status_code == 200


def test_TR_6_a_session_without_the_csrf_token_gives_nothing(cast: Cast) -> None:
    client, _ = logged_in(cast.doctor)
    response = post(SESSION, {}, client)
    assert response.status_code == 403
    assert "CSRF" in response.json()["detail"]
    assert response["Cache-Control"] == "no-store"


def test_without_a_session_there_is_no_session_token(cast: Cast) -> None:
    bearer = {"Authorization": f"Bearer {token_of(cast.doctor)}"}
    for headers in ({}, bearer):
        response = post(SESSION, {}, headers=headers)
        assert response.status_code == 401
        assert "WWW-Authenticate" in response


def test_a_deactivated_user_loses_the_session_token_at_once(cast: Cast) -> None:
    client, csrf = logged_in(cast.doctor)
    User.objects.filter(pk=cast.doctor.pk).update(is_active=False)
    assert post(SESSION, {}, client, headers={"X-CSRFToken": csrf}).status_code == 401


def test_no_answer_holds_a_token_that_verify_would_refuse(cast: Cast) -> None:
    body = post(TOKEN, {"username": "nurse.icu", "password": PASSWORD}).json()
    with pytest.raises(InvalidToken):
        tokens.verify(body["refresh"])


def test_JW_13_a_refresh_token_is_good_once_and_its_second_use_ends_the_login(cast: Cast) -> None:
    first = post("/api/token/", {"username": cast.nurse.username, "password": PASSWORD}).json()
    second = post(REFRESH, {"refresh": first["refresh"]}).json()
    assert tokens.verify(second["access"]).user == cast.nurse
    assert post(REFRESH, {"refresh": first["refresh"]}).status_code == 401
    assert post(REFRESH, {"refresh": second["refresh"]}).status_code == 401
    for stolen in (first, second):
        with pytest.raises(InvalidToken, match="login ended"):
            tokens.verify(stolen["access"])


def test_the_end_of_a_login_is_not_the_end_of_another_one(cast: Cast) -> None:
    desk, phone = (
        post("/api/token/", {"username": cast.nurse.username, "password": PASSWORD}).json() for _ in range(2)
    )
    assert post("/api/token/revoke/", {"refresh": desk["refresh"]}).status_code == 204
    with pytest.raises(InvalidToken, match="login ended"):
        tokens.verify(desk["access"])
    assert post(REFRESH, {"refresh": desk["refresh"]}).status_code == 401
    assert tokens.verify(phone["access"]).user == cast.nurse
    assert post(REFRESH, {"refresh": phone["refresh"]}).status_code == 200


def test_what_is_no_refresh_token_revokes_nothing(cast: Cast) -> None:
    for token in (token_of(cast.nurse), "x.y.z"):
        assert post("/api/token/revoke/", {"refresh": token}).status_code == 401
    assert tokens.verify(token_of(cast.nurse)).user == cast.nurse


def test_UQ_5_no_cache_keeps_an_answer_with_a_token(cast: Cast) -> None:
    answers = [
        post(TOKEN, {"username": "nurse.icu", "password": PASSWORD}),
        post(REFRESH, {"refresh": tokens.refresh_for(login_of(cast.nurse))}),
    ]
    assert [(each.status_code, each["Cache-Control"]) for each in answers] == [(200, "no-store")] * 2
