"""Registers the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # Receivers hear of logins, checks are registered.
        from accounts import api_permissions, browser, checks  # noqa: F401 - see above
