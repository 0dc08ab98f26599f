"""Access records: who looked into wards that are open to them by their role alone."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinical.models.append_only import AppendOnly
from clinical.models.wards import Ward


class AccessRecord(AppendOnly):
    """An administrator was shown a ward; written before anything is shown."""

    class Door(models.TextChoices):
        HUB = "hub"
        PAGE = "page"
        API = "api", "API"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Null is all of them at once, as the API lists patients.
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    door = models.CharField(max_length=4, choices=Door)
    # The connection as log lines show it, empty for a door that has none.
    connection = models.CharField(max_length=22, blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.user} at {self.ward_id or 'all wards'}"
