"""Outside of development the settings refuse what is unsafe, and name the variable that must change."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.project.sources import ROOT

PRODUCTION = {
    "WARDLINE_DEVELOPMENT": "no",
    "SECRET_KEY": "s" * 50,
    "JWT_SIGNING_KEY": "j" * 50,
    "ALLOWED_HOSTS": "ward.example",
    "ORIGINS": "https://ward.example",
    "REDIS_URL": "redis://redis.example:6379/0",
}


def settings_with(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    for name in (*PRODUCTION, "DEBUG", "JWT_SIGNING_KEYS", "JWT_SIGNING_KEYS_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "config" / "settings.py"))


def test_TR_1_production_starts_with_all_that_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, **PRODUCTION)
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["SECURE_SSL_REDIRECT"]
    assert settings["HUBS"]["ALLOWED_ORIGINS"] == ["https://ward.example"]
    assert not settings["DEBUG"]


def test_TR_1_browsers_are_told_to_come_by_https_only(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, **PRODUCTION)
    assert settings["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert settings["SECURE_HSTS_INCLUDE_SUBDOMAINS"]


def test_TR_6_cookies_are_for_https_and_for_our_own_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, **PRODUCTION)
    for cookie in ("SESSION", "CSRF"):
        assert settings[f"{cookie}_COOKIE_SECURE"]
        assert settings[f"{cookie}_COOKIE_SAMESITE"] == "Lax"


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"WARDLINE_DEVELOPMENT"}))
def test_production_names_the_variable_that_is_missing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    rest = {key: value for key, value in PRODUCTION.items() if key != name}
    with pytest.raises(ImproperlyConfigured, match=f"Set {name} "):
        settings_with(monkeypatch, **rest)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "yes"),
        ("SECRET_KEY", "short"),
        ("JWT_SIGNING_KEY", "short"),
        ("JWT_SIGNING_KEY", PRODUCTION["SECRET_KEY"]),
        ("JWT_SIGNING_KEYS", f"new:{'n' * 50},old:short"),
        ("JWT_SIGNING_KEYS", f"new:{'n' * 50},old:{PRODUCTION['SECRET_KEY']}"),
        ("JWT_SIGNING_KEYS", f"new:{'n' * 50},new:{'o' * 50}"),
        ("JWT_SIGNING_KEYS", f"new:{'n' * 50},old:{'n' * 50}"),
        ("JWT_SIGNING_KEYS", f"new:{PRODUCTION['JWT_SIGNING_KEY']}"),
        ("JWT_SIGNING_KEYS", "n" * 50),
        ("ALLOWED_HOSTS", "ward.example,*"),
        ("ORIGINS", "https://ward.example,http://ward.example"),
        ("ORIGINS", "*"),
    ],
)
def test_TR_1_production_refuses_what_is_unsafe(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=name):
        settings_with(monkeypatch, **{**PRODUCTION, name: value})


def test_production_is_what_one_gets_without_saying_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured):
        settings_with(monkeypatch)


def test_a_desk_needs_no_variable_but_the_one(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, WARDLINE_DEVELOPMENT="yes")
    assert not settings["DEBUG"]
    assert settings["SECRET_KEY"] != settings["JWT_SIGNING_KEY"]


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("REDIS_URL", "redis.example:6379", "URL of Redis"),
        ("REDIS_CA", "no certificate", "CA for Redis"),
        ("REDIS_LAYER", "stream", "Redis layer"),
    ],
)
def test_a_redis_that_cannot_be_meant_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=complaint):
        settings_with(monkeypatch, **{**PRODUCTION, "REDIS_URL": "rediss://redis.example", name: value})


def test_with_several_signing_keys_the_one_need_not_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = {key: value for key, value in PRODUCTION.items() if key != "JWT_SIGNING_KEY"}
    settings = settings_with(monkeypatch, **rest, JWT_SIGNING_KEYS=f"new:{'n' * 50},old:{'o' * 50}")
    assert [key.id for key in settings["JWT_SIGNING_KEYS"]] == ["new", "old"]
    assert settings["SIMPLE_JWT"]["SIGNING_KEY"] == "n" * 50


def test_the_signing_key_without_an_id_stands_last(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, **PRODUCTION, JWT_SIGNING_KEYS=f"new:{'n' * 50}")
    assert [key.id for key in settings["JWT_SIGNING_KEYS"]] == ["new", None]


def test_signing_keys_stand_in_a_file_one_a_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "signing-keys"
    path.write_text(f"new:{'n' * 50}\nold:{'o' * 50}\n")
    settings = settings_with(monkeypatch, **PRODUCTION, JWT_SIGNING_KEYS_FILE=str(path))
    assert [key.id for key in settings["JWT_SIGNING_KEYS"]] == ["new", "old", None]
