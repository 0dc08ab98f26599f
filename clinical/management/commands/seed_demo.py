"""`manage.py seed_demo`: adds the demo hospital and prints its logins."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from clinical.demo import hospital

# Known to everybody who can read this, so it is never used outside of development.
PASSWORD = "wardline-demo"


class Command(BaseCommand):
    help = "Adds three wards, 40 patients and a login a role; what exists already stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="another number gives other patients")
        parser.add_argument("--password", help="of all demo logins, also of those that exist")

    def handle(self, *args: Any, seed: int, password: str | None, **options: Any) -> None:
        if password is None and not settings.DEVELOPMENT:
            raise CommandError("Outside of development the demo logins need a --password of your own.")
        if password is not None:
            self._check(password)
        hospital.build(seed, password or PASSWORD)
        if password is not None:
            hospital.set_passwords(password)
        self._print_logins(password or PASSWORD)

    def _check(self, password: str) -> None:
        if password == PASSWORD and not settings.DEVELOPMENT:
            raise CommandError("This password is known to everybody.")
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None

    def _print_logins(self, password: str) -> None:
        self.stdout.write(f"{'login':<16} {'password':<16} {'role':<11} ward")
        for login in hospital.LOGINS:
            self.stdout.write(
                f"{login.username:<16} {password:<16} {login.role:<11} {login.department or '-'}"
            )
