"""Counts logins that fail by name and address together, and tries no password while there are too many."""

import logging
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from axes.backends import AxesBackend
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_failure_limit
from axes.models import AccessAttempt
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.models import User

logger = logging.getLogger("accounts")

SITE_PREFIX = 64  # bits: whoever has one IPv6 address has its whole network
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - stands for a client without an address, nothing listens there


class ThrottledBackend(AxesBackend):  # type: ignore[misc]  # axes has no types
    """Django's passwords behind the count; a lock answers as a wrong password does, and takes as long."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        if request is None:
            return _try(self, None, username, password)
        counted = {"username": _counted(request, username)}
        if not AxesProxyHandler.is_allowed(request, counted):
            make_password(password)
            raise PermissionDenied
        user = _try(self, request, username, password)
        if user is not None:
            AxesProxyHandler.get_implementation().reset_user_attempts(request, counted)
        return user


class Throttle(AxesDatabaseHandler):  # type: ignore[misc]  # see above
    """An attempt counts before its password is tried, so that of many at once none slips through."""

    def is_allowed(self, request: HttpRequest, credentials: dict[str, str] | None = None) -> bool:
        allowed = super().is_allowed(request, credentials)
        if allowed:
            self.clean_expired_user_attempts(request, credentials)
            allowed = _count(
                request, (credentials or {})["username"], get_failure_limit(request, credentials)
            )
        request.axes_locked_out = not allowed  # type: ignore[attr-defined]  # how axes marks a request
        return bool(allowed)

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
    ) -> None:
        """The one place where a lock and a wrong password differ: the log, which staff read."""
        if request is None:
            return
        user: User | None = getattr(request, "login_asked_for", None)
        if request.axes_locked_out:  # type: ignore[attr-defined]  # see above
            reason = "locked after too many failures"
        elif user is None:
            reason = "unknown name"
        else:
            reason = "wrong password" if user.is_active else "deactivated user"
        logger.warning(
            "login failed",
            extra={
                "reason": reason,
                "user": user and user.pk,
                "address": client_address(request),
                "path": request.path,
            },
        )

    def user_logged_in(self, *_: Any, **__: Any) -> None:
        """Nothing: the backend has taken the count back, and LoginSession keeps who logged in when."""

    def user_logged_out(self, *_: Any, **__: Any) -> None:
        """Nothing, see above."""


def client_address(request: HttpRequest) -> str:
    """What a login is counted by: the address as the server has it, behind nginx that of the client.

    Of IPv6 the network: its owner could take another address for each attempt.
    """
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", "").partition("%")[0])
    except ValueError:
        return NO_ADDRESS
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, SITE_PREFIX), strict=False).network_address)


def _try(backend: ModelBackend, request: HttpRequest | None, username: str, password: str) -> User | None:
    user = ModelBackend.authenticate(backend, request, username, password)
    assert user is None or isinstance(user, User)
    return user


def _counted(request: HttpRequest, username: str) -> str:
    """The name, if somebody has it; else a digest, for it may be a password in the wrong field."""
    user = User.objects.filter(username=username).only("pk", "username", "is_active").first()
    request.login_asked_for = user  # type: ignore[attr-defined]  # for the log line, if it fails
    if user is None:
        return f"unknown {salted_hmac(__name__, username, algorithm='sha256').hexdigest()[:16]}"
    return user.username


def _count(request: Any, username: str, limit: int) -> bool:
    """Whether this attempt is one of the first so many; keeps nothing of a form or a query."""
    with transaction.atomic():
        attempt, created = AccessAttempt.objects.select_for_update().get_or_create(
            username=username,
            ip_address=request.axes_ip_address,
            user_agent="",  # or somebody who changes theirs would have a count for each
            defaults={
                "get_data": "",
                "post_data": "",
                "http_accept": "",
                "path_info": request.path[:255],
                "failures_since_start": 1,
            },
        )
        if created:
            return True
        counted = AccessAttempt.objects.filter(pk=attempt.pk, failures_since_start__lt=limit).update(
            failures_since_start=F("failures_since_start") + 1,
            attempt_time=request.axes_attempt_time,
            path_info=request.path[:255],
        )
        return bool(counted == 1)
