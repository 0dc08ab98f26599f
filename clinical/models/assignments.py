"""Ward assignments: who else works on a ward, and from when to when."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinical.models.wards import Ward
from hubs.authority import rights_changed


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    """Changes of many at once reach open connections as those of one do."""

    def in_force(self, at: datetime | None = None) -> "AssignmentQuerySet":
        """Those that open their ward at that time, by default now."""
        at = at or timezone.now()
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at), revoked_at=None, begins_at__lte=at)

    def update(self, **values: Any) -> int:
        with transaction.atomic():
            users = set(self.select_for_update().values_list("user_id", flat=True))
            count = super().update(**values)
            new = values.get("user", values.get("user_id"))
            rights_changed(*users | ({getattr(new, "pk", new)} if users and new is not None else set()))
        return count

    update.alters_data = True  # type: ignore[attr-defined]  # Django's mark: not to be called by templates

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            users = set(self.values_list("user_id", flat=True))
            deleted = super().delete()
            rights_changed(*users)
        return deleted

    delete.alters_data = True  # type: ignore[attr-defined]  # see above

    def bulk_create(self, objs: Iterable["Assignment"], *args: Any, **kwargs: Any) -> list["Assignment"]:
        with transaction.atomic():
            created = super().bulk_create(objs, *args, **kwargs)
            rights_changed(*{each.user_id for each in created})
        return created

    bulk_create.alters_data = True  # type: ignore[attr-defined]  # see above


class AssignmentManager(models.Manager["Assignment"]):
    """Over a query set that says when rights change."""

    def get_queryset(self) -> AssignmentQuerySet:
        return AssignmentQuerySet(self.model, using=self._db)

    def in_force(self, at: datetime | None = None) -> AssignmentQuerySet:
        return self.get_queryset().in_force(at)


class Assignment(models.Model):
    """Opens a ward to somebody of another department, or puts them in charge of it, for a time."""

    class Kind(models.TextChoices):
        HOME = "home", _("home")
        SHIFT = "shift", _("shift")
        ON_CALL = "on-call", _("on call")
        CROSS_COVER = "cross-cover", _("cross cover")

    # Chosen by the form that asked for it, so that a form sent twice assigns once.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="assignments")
    kind = models.CharField(max_length=20, choices=Kind)
    in_charge = models.BooleanField("in charge of the ward", default=False)
    begins_at = models.DateTimeField("from", default=timezone.now)
    # Null for a home only: everything else has its end from the first.
    ends_at = models.DateTimeField("until", null=True, blank=True)
    reason = models.CharField(max_length=200)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = AssignmentManager()

    class Meta:
        ordering = ["begins_at", "id"]
        indexes = [models.Index(fields=["user", "ward"], name="assignments_of_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("begins_at")),
                name="assignment_ends_after_begin",
                violation_error_message="An assignment ends after it begins.",
            ),
            models.CheckConstraint(
                condition=Q(kind="home") | Q(ends_at__isnull=False),
                name="only_a_home_has_no_end",
                violation_error_message="Only a home has no end.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user} at {self.ward_id}"

    def is_in_force(self, at: datetime) -> bool:
        """As the query set's `in_force` has it."""
        return (
            self.revoked_at is None and self.begins_at <= at and (self.ends_at is None or self.ends_at > at)
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Says in the same transaction that rights have changed, wherever the change comes from."""
        with transaction.atomic():
            before = set(type(self).objects.filter(pk=self.pk).values_list("user_id", flat=True))
            super().save(*args, **kwargs)
            rights_changed(*before | {self.user_id})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        user = self.user_id
        with transaction.atomic():
            deleted = super().delete(*args, **kwargs)
            rights_changed(user)
        return deleted
