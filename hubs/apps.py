"""Registers the hubs app and its system checks."""

from django.apps import AppConfig


class HubsConfig(AppConfig):
    name = "hubs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from hubs import checks  # noqa: F401 - importing registers the checks, apps must be loaded
        from hubs.transports import daphne

        daphne.harden()
