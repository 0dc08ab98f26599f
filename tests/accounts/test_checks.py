"""What `manage.py check --deploy` says of keys and tokens."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.checks import run_checks
from pytest_django import Settings

from accounts import api_permissions, checks, keys
from accounts.keys import SigningKey

ROOT = Path(__file__).resolve().parents[2]
GOOD = SigningKey("2026-11", "n" * 40)


def found(*, deployed: bool = True) -> list[str]:
    return [str(m.id) for m in run_checks(tags=["accounts"], include_deployment_checks=deployed)]


def test_the_settings_of_this_project_have_nothing_to_report() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("several", "check"),
    [
        ([SigningKey(None, "x" * 31)], "accounts.E001"),
        ([GOOD, SigningKey("old", configured.SECRET_KEY)], "accounts.E002"),
        ([GOOD, SigningKey(GOOD.id, "o" * 40)], "accounts.E003"),
        ([GOOD, SigningKey("old", GOOD.secret)], "accounts.E004"),
    ],
)
def test_JW_7_unsafe_keys_are_errors(
    settings: Settings,
    several: list[SigningKey],
    check: str,
) -> None:
    settings.JWT_SIGNING_KEYS = several
    assert set(found()) == {check}


def test_JW_7_a_former_key_of_django_is_no_signing_key(settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = [GOOD.secret]
    settings.JWT_SIGNING_KEYS = [GOOD]
    assert found() == ["accounts.E002"]


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"AUDIENCE": None}, "accounts.E005"),
        ({"AUDIENCE": ""}, "accounts.E005"),
        ({"ISSUER": None}, "accounts.E006"),
        ({"ISSUER": ""}, "accounts.E006"),
        ({"ACCESS_TOKEN_LIFETIME": timedelta(minutes=16)}, "accounts.W001"),
        ({"LEEWAY": 31}, "accounts.W002"),
        ({"LEEWAY": timedelta(seconds=31)}, "accounts.W002"),
        ({"ALGORITHM": "RS256"}, "accounts.E007"),
    ],
)
def test_what_tokens_lack_is_reported_before_production(
    settings: Settings,
    change: dict[str, Any],
    check: str,
) -> None:
    settings.SIMPLE_JWT = {**configured.SIMPLE_JWT, **change}
    assert found() == [check]
    assert found(deployed=False) == []


def test_every_check_is_documented() -> None:
    modules = (keys, api_permissions, checks)
    source = "".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules)
    raised = set(re.findall(r'"(accounts\.[EW]\d+)"', source))
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(accounts\.[EW]\d+)` \|", page, re.MULTILINE)
    assert documented == sorted(raised)
