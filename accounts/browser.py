"""Joins Django's login in a browser to a login session of ours, so that both end together."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models import Q
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import sessions
from accounts.models import LoginSession, User

KEY = "sid"
WALL_LOGIN = timedelta(days=365)
# Where a request keeps what was found.
ATTRIBUTE = "_live_login_session"


def live_session(request: HttpRequest) -> LoginSession | None:
    """The login session of a browser, asked for once a request; None where nobody is logged in any more.

    A browser that was logged in before there were such sessions gets one.
    """
    if not hasattr(request, ATTRIBUTE):
        setattr(request, ATTRIBUTE, _find(request))
    found: LoginSession | None = getattr(request, ATTRIBUTE)
    return found


def _find(request: HttpRequest) -> LoginSession | None:
    if not isinstance(request.user, User):
        return None
    if (sid := request.session.get(KEY)) is None:
        try:
            return _begin(request, request.user)
        except sessions.LoginRefused:
            return None
    return LoginSession.objects.get_queryset().live().select_related("user").filter(pk=sid).first()


@receiver(user_logged_in)
def _logged_in(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    if KEY in request.session:
        # The same user again: Django keeps the key, which ends with the former login.
        request.session.cycle_key()
    _end(request, "another login")
    try:
        _begin(request, user)
    except sessions.LoginRefused:
        logout(request)


@receiver(user_logged_out)
def _logged_out(sender: Any, request: HttpRequest, **_: Any) -> None:
    _end(request, "signed out")


def _begin(request: HttpRequest, user: User) -> LoginSession:
    if user.is_wall_display:
        # Nobody is there to log it in again; an administrator ends it.
        request.session.set_expiry(WALL_LOGIN)
    if request.session.session_key is None:
        request.session.save()  # or it would get its key only behind this request
    lifetime = timedelta(seconds=request.session.get_expiry_age())
    session = sessions.start(user, lifetime, browser_key=request.session.session_key or "")
    request.session[KEY] = str(session.pk)
    return session


def _end(request: HttpRequest, reason: str) -> None:
    """By the cookie too: where another user logs in, Django has emptied the former's session by now."""
    former = Q(pk=request.session.get(KEY))
    if key := request.COOKIES.get(settings.SESSION_COOKIE_NAME):
        former |= Q(browser_key=key)
    LoginSession.objects.get_queryset().filter(former).end(reason)
