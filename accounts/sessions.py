"""Logins from their start to their end: refresh tokens that are used once, and what ends a login."""

import hashlib
import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import LoginSession, RefreshToken, User

logger = logging.getLogger("accounts")

# Ended or expired logins are kept this long, for whoever asks afterwards who was logged in.
KEPT = timedelta(days=30)


class RefreshReused(Exception):
    """A refresh token came a second time: one of the two who have it is a thief, and the login is over."""


class LoginRefused(Exception):
    """The password that was right is another one by now, or its user may not be here any more."""


def start(user: User, lifetime: timedelta, browser_key: str) -> LoginSession:
    """A new login, which lasts so long unless it is refreshed; clears away old ones of the same user.

    Raises LoginRefused. Trying a password takes a while, in which another one may have ended all logins.
    """
    now = timezone.now()
    with transaction.atomic():
        current = User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
        if current is None or not current.is_active or current.password != user.password:
            logger.warning("login failed", extra={"reason": "user changed meanwhile", "user": user.pk})
            raise LoginRefused
        LoginSession.objects.filter(user=user, expires_at__lt=now - KEPT).delete()
        return LoginSession.objects.create(
            user=user, started_at=now, expires_at=now + lifetime, browser_key=browser_key
        )


def remember(session: LoginSession, token_id: str) -> None:
    """Keeps the hash of a new refresh token's identifier."""
    RefreshToken.objects.create(digest=_digest(token_id), session=session)


def use(session: LoginSession, token_id: str, expires_at: datetime) -> None:
    """Uses a refresh token up and prolongs its login; of several that come at once exactly one succeeds.

    Raises RefreshReused for any other use, and ends the login with it.
    """
    with transaction.atomic():
        unused = RefreshToken.objects.filter(digest=_digest(token_id), session=session, used_at=None)
        if unused.update(used_at=timezone.now()) == 1:
            LoginSession.objects.filter(pk=session.pk).update(expires_at=expires_at)
            return
    # Not in the transaction above: an exception would take the end back.
    logger.warning("refresh token reused", extra={"user": session.user_id})
    end(session, "refresh token reused")
    raise RefreshReused


def end(session: LoginSession, reason: str) -> None:
    LoginSession.objects.get_queryset().filter(pk=session.pk).end(reason)


def end_by_administrator(session_id: str) -> None:
    """What HUBS["END_SESSION"] names: the login with that `sid`, on every device and worker."""
    LoginSession.objects.get_queryset().filter(pk=session_id).end("ended by an administrator")


def _digest(token_id: str) -> str:
    # JSON can hold half a character, which is no UTF-8.
    return hashlib.sha256(token_id.encode(errors="surrogatepass")).hexdigest()
