"""System checks of tokens and their keys: `manage.py check --deploy` reports them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import checks

from accounts import keys

LONGEST_LIFE = timedelta(minutes=15)
LARGEST_LEEWAY = 30  # seconds


@checks.register("accounts", deploy=True)
def check_keys(**_: Any) -> list[checks.CheckMessage]:
    """Outside of development the settings refuse to load with one of these."""
    django_keys = {str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)}
    found = keys.faults(settings.JWT_SIGNING_KEYS, django_keys)
    return [checks.Error(fault.text, id=fault.id) for fault in found]


@checks.register("accounts", deploy=True)
def check_tokens(**_: Any) -> Iterator[checks.CheckMessage]:
    choices: dict[str, Any] = settings.SIMPLE_JWT
    leeway = choices.get("LEEWAY", 0)
    seconds = leeway.total_seconds() if isinstance(leeway, timedelta) else leeway
    if not choices.get("AUDIENCE"):
        yield checks.Error(
            "SIMPLE_JWT['AUDIENCE'] is empty: tokens of other services would count here.",
            hint="Set JWT_AUDIENCE, to another value for each installation.",
            id="accounts.E005",
        )
    if not choices.get("ISSUER"):
        yield checks.Error(
            "SIMPLE_JWT['ISSUER'] is empty: tokens would not say who made them.",
            hint="Set JWT_ISSUER.",
            id="accounts.E006",
        )
    if choices.get("ALGORITHM", "HS256") != "HS256":
        yield checks.Error("SIMPLE_JWT['ALGORITHM'] is not HS256: the keys are for it.", id="accounts.E007")
    if choices.get("ACCESS_TOKEN_LIFETIME", timedelta()) > LONGEST_LIFE:
        yield checks.Warning("Access tokens live longer than 15 minutes.", id="accounts.W001")
    if seconds > LARGEST_LEEWAY:
        yield checks.Warning("Expired tokens count for more than 30 seconds.", id="accounts.W002")
