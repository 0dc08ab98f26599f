"""Users of the hospital, in which role and at which department, and the logins of each."""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.sessions.backends.db import SessionStore
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.authority import rights_changed
from hubs.executor import run


class Role(models.TextChoices):
    """What somebody does in the hospital; the values stand in tokens, so they never change."""

    DOCTOR = "Doctor", _("Doctor")
    NURSE = "Nurse", _("Nurse")
    PHARMACIST = "Pharmacist", _("Pharmacist")
    ADMIN = "Admin", _("Admin")
    VISITOR = "Visitor", _("Visitor")
    # No person: a display on the wall of its department, and how much of a name it shows.
    WALL_INITIALS = "WallInitials", _("wall display, initials")
    WALL_BEDS = "WallBeds", _("wall display, beds only")


CLINICAL_STAFF = frozenset({Role.DOCTOR, Role.NURSE, Role.PHARMACIST, Role.ADMIN})
WALL_DISPLAYS = frozenset({Role.WALL_INITIALS, Role.WALL_BEDS})


# What decides over open connections; a new password ends what was opened with the old one.
RIGHTS = frozenset({"role", "department", "is_active", "is_staff", "is_superuser", "password"})
NEW_PASSWORD = "password changed"


class StaffQuerySet(models.QuerySet["User"]):
    """Changes of many at once reach open connections as those of one do."""

    def update(self, **values: Any) -> int:
        if RIGHTS.isdisjoint(values):
            return super().update(**values)
        with transaction.atomic():
            # No key: nobody who writes a row of theirs meanwhile has to wait, maybe with the feed in hand.
            rows = self.order_by("pk").select_for_update(no_key=True)
            users = list(rows.values_list("pk", flat=True))
            count = super().update(**values)
            if "password" in values:
                LoginSession.objects.get_queryset().filter(user__in=users).end(NEW_PASSWORD)
            rights_changed(*users)
        return count

    update.alters_data = True  # type: ignore[attr-defined]  # Django's mark: not to be called by templates

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            users = list(self.values_list("pk", flat=True))
            deleted = super().delete()
            rights_changed(*users)
        return deleted

    delete.alters_data = True  # type: ignore[attr-defined]  # see above


class StaffManager(UserManager["User"]):
    """Django's, over a query set that says when rights change."""

    def get_queryset(self) -> StaffQuerySet:
        return StaffQuerySet(self.model, using=self._db)


class User(AbstractUser):
    """A person with a login. `department` is the slug of the ward where they work, empty for none."""

    objects: ClassVar[StaffManager] = StaffManager()

    role = models.CharField(max_length=20, choices=Role, default=Role.VISITOR)
    department = models.SlugField(max_length=50, blank=True)

    @property
    def is_clinical_staff(self) -> bool:
        return self.role in CLINICAL_STAFF

    @property
    def is_wall_display(self) -> bool:
        return self.role in WALL_DISPLAYS

    @property
    def display_name(self) -> str:
        """What a board shows beside their work."""
        return self.get_full_name() or self.username

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Says in the same transaction that rights have changed, wherever the change comes from."""
        fields = None if update_fields is None else frozenset(update_fields)
        with transaction.atomic():
            before = self._rights() if fields is None or fields & RIGHTS else None
            super().save(*args, update_fields=fields, **kwargs)
            if before is not None and before != (now := self._rights()):
                if now is not None and before["password"] != now["password"]:
                    # Whoever knew the old one is out, on every device.
                    LoginSession.objects.get_queryset().filter(user=self).end(NEW_PASSWORD)
                # Behind the logins: whoever ends one has its row locked when they come to the feed.
                rights_changed(self.pk)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        user = self.pk
        with transaction.atomic():
            deleted = super().delete(*args, **kwargs)
            rights_changed(user)
        return deleted

    def check_password(self, raw_password: str | None) -> bool:
        """Django's, whose newer hash of the same password ends no login and overwrites no newer password."""
        checked = self.password
        is_right = check_password(raw_password, checked, self._rehash)
        if self.password == checked:
            return is_right
        # It is the database's now, where another password may have come meanwhile.
        return check_password(raw_password, self.password)

    async def acheck_password(self, raw_password: str | None) -> bool:
        return await run(self.check_password, raw_password)

    def _rehash(self, raw_password: str) -> None:
        newer, former = make_password(raw_password), self.get_session_auth_hash()
        # Not by `objects`, to which another hash is another password.
        stored = models.QuerySet[User](User).filter(pk=self.pk)
        with transaction.atomic():
            is_newer = stored.filter(password=self.password).update(password=newer)
            self.password = stored.values_list("password", flat=True).first() or ""
            if is_newer:
                logins = LoginSession.objects.get_queryset().filter(user=self)
                logins.keep(former, self.get_session_auth_hash())

    def _rights(self) -> dict[str, Any] | None:
        """As the database has them, until the transaction ends; None for somebody who is not in it yet."""
        rows = type(self).objects.select_for_update(no_key=True).filter(pk=self.pk)
        rights: dict[str, Any] | None = rows.values(*RIGHTS).first()
        return rights


class LoginSessionQuerySet(models.QuerySet["LoginSession"]):
    """The logins of some users."""

    def live(self) -> "LoginSessionQuerySet":
        return self.filter(ended_at=None)

    def end(self, reason: str) -> int:
        """Ends those that are live: their tokens open nothing any more, their connections are closed."""
        with transaction.atomic():
            rows = self.live().order_by("pk").select_for_update()
            live = list(rows.values_list("pk", "user_id", "browser_key"))
            ids = [session for session, _, _ in live]
            count = self.filter(pk__in=ids).update(ended_at=timezone.now(), end_reason=reason)
            for key in filter(None, (key for _, _, key in live)):
                SessionStore(key).delete()
            rights_changed(*(user for _, user, _ in live))
        return count

    end.alters_data = True  # type: ignore[attr-defined]  # see above

    def keep(self, former: str, newer: str) -> None:
        """Ties the browsers to another hash of the same password: Django logs out those with a former one."""
        logins = self.live().exclude(browser_key="").order_by("pk")
        for key in logins.values_list("browser_key", flat=True):
            browser = SessionStore(key)
            if browser.get(HASH_SESSION_KEY) == former:
                browser[HASH_SESSION_KEY] = newer
                browser.save()

    keep.alters_data = True  # type: ignore[attr-defined]  # see above


class LoginSessionManager(models.Manager["LoginSession"]):
    def get_queryset(self) -> LoginSessionQuerySet:
        return LoginSessionQuerySet(self.model, using=self._db)


class LoginSession(models.Model):
    """One login on one device, the `sid` of all its tokens; once ended it stays so."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="login_sessions")
    started_at = models.DateTimeField(default=timezone.now)
    # When it ends by itself, unless it is refreshed before.
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=50, blank=True)
    # Of the browser's session in which somebody logged in; empty for a client that works with tokens alone.
    browser_key = models.CharField(max_length=40, blank=True, editable=False, db_index=True)
    # When its person last touched mouse, keys or screen, and since when nothing is shown: see lock.py.
    active_at = models.DateTimeField(default=timezone.now, editable=False)
    locked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = LoginSessionManager()

    class Meta:
        ordering = ["-started_at"]
        permissions = [("end_loginsession", "Can end login sessions")]

    def __str__(self) -> str:
        return f"{self.user} since {self.started_at:%Y-%m-%d %H:%M}"


class RefreshToken(models.Model):
    """One refresh token of a login, by the hash of its identifier; good for one use."""

    digest = models.CharField(max_length=64, primary_key=True)
    session = models.ForeignKey(LoginSession, on_delete=models.CASCADE, related_name="refresh_tokens")
    issued_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"refresh token of {self.session_id}"
