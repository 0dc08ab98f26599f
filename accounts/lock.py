"""The lock of a screen that was left alone: when it is there, and what takes it off."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import LoginSession

# A page reports its person's activity so often, so the server may know of it so late.
REPORTED_EVERY = timedelta(minutes=1)


def limit() -> timedelta | None:
    """After how long without activity of the person a screen locks, None for never."""
    return timedelta(minutes=settings.IDLE_LOCK_MINUTES) or None


def is_locked(session: LoginSession) -> bool:
    """Whether the browser may show no patient: it said so, or has reported nothing for too long."""
    if session.user.is_wall_display:
        return False
    if session.locked_at is not None:
        return True
    longest = limit()
    return longest is not None and timezone.now() - session.active_at > longest + REPORTED_EVERY


def idle_seconds(session: LoginSession) -> float:
    return max(0.0, (timezone.now() - session.active_at).total_seconds())


def lock(session: LoginSession) -> None:
    LoginSession.objects.filter(pk=session.pk, locked_at=None).update(locked_at=timezone.now())


def report_activity(session: LoginSession) -> None:
    """Somebody has touched the screen, which takes no lock off."""
    LoginSession.objects.filter(pk=session.pk, locked_at=None).update(active_at=timezone.now())


def unlock(request: HttpRequest, session: LoginSession, password: str) -> bool:
    """Takes the lock off for the password of whoever is logged in; it is tried and counted as at a login."""
    user = authenticate(request, username=session.user.get_username(), password=password)
    if user is None or user.pk != session.user_id:
        return False
    found = LoginSession.objects.get_queryset().live().filter(pk=session.pk)
    return found.update(locked_at=None, active_at=timezone.now()) == 1
