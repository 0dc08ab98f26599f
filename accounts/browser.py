"""Joins Django's login in a browser to a login session of ours, so that both end together."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import tokens
from accounts.models import LoginSession, User

KEY = "sid"


def session_of(request: HttpRequest) -> LoginSession:
    """The login session of a browser that is logged in; one that is older than these gets one."""
    assert isinstance(request.user, User), "the view lets nobody else through"
    if (sid := request.session.get(KEY)) is None:
        return _begin(request, request.user)
    return LoginSession.objects.select_related("user").get(pk=sid)


@receiver(user_logged_in)
def _logged_in(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    _end(request, "another login")
    _begin(request, user)


@receiver(user_logged_out)
def _logged_out(sender: Any, request: HttpRequest, **_: Any) -> None:
    _end(request, "signed out")


def _begin(request: HttpRequest, user: User) -> LoginSession:
    if request.session.session_key is None:
        request.session.save()  # or it would get its key only behind this request
    session = tokens.log_in(user, browser_key=request.session.session_key or "")
    request.session[KEY] = str(session.pk)
    return session


def _end(request: HttpRequest, reason: str) -> None:
    if (sid := request.session.get(KEY)) is not None:
        LoginSession.objects.get_queryset().filter(pk=sid).end(reason)
