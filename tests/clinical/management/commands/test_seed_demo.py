"""The command that fills an empty database, and the passwords that it must not spread."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from accounts.models import User
from clinical.demo import hospital
from clinical.management.commands.seed_demo import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_demo")]
OWN = "a-password-of-our-own"


def seed(**options: Any) -> str:
    out = StringIO()
    call_command("seed_demo", stdout=out, **options)
    return out.getvalue()


def test_every_login_is_printed_with_its_password() -> None:
    printed = seed()
    for login in hospital.LOGINS:
        assert f"{login.username:<16} {PASSWORD}" in printed
    assert User.objects.get(username="doctor.icu").check_password(PASSWORD)


def test_a_second_run_prints_the_logins_again() -> None:
    assert seed() == seed()


def test_a_password_of_ones_own_holds_for_old_logins_too() -> None:
    seed()
    assert OWN in seed(password=OWN)
    assert all(user.check_password(OWN) for user in User.objects.all() if user.has_usable_password())


@override_settings(DEVELOPMENT=False)
def test_known_passwords_stay_in_development() -> None:
    for options in ({}, {"password": PASSWORD}):
        with pytest.raises(CommandError):
            seed(**options)
    assert not User.objects.exists()
    seed(password=OWN)
    assert not User.objects.get(username="admin").check_password(PASSWORD)


def test_a_weak_password_is_refused() -> None:
    with pytest.raises(CommandError, match="too short"):
        seed(password="x")
