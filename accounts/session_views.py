"""What a page asks of its login: whose it is, a token, and the lock of its screen."""

from typing import Any

import msgspec
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import browser, lock, tokens
from accounts.authentication import LoginSessionAuthentication
from accounts.models import LoginSession
from accounts.openapi import operation
from accounts.pages import WRONG_PASSWORD
from accounts.views import Text, TokenView

LOCKED = 423


class Password(serializers.Serializer[Any]):
    password = Text(max_length=4096, trim_whitespace=False)


class WhoIsLoggedIn(msgspec.Struct, omit_defaults=True):
    """Null for nobody, and then nothing else; `idle` in seconds."""

    user: str | None
    name: str = ""
    role: str = ""
    login: str = ""
    locked: bool = False
    idle: float = 0.0


class AccessToken(msgspec.Struct):
    """For 15 minutes."""

    access: str


class LockState(msgspec.Struct):
    locked: bool


class SessionView(TokenView):
    """For the browser's login, with its CSRF token; JSON, and nothing kept in a cache."""

    authentication_classes = [LoginSessionAuthentication]
    permission_classes = [IsAuthenticated]

    def get_authenticate_header(self, request: Request) -> str:
        return LoginSessionAuthentication().authenticate_header(request)


class WhoAmI(SessionView):
    """`GET` -> who is logged in in this browser, `{"user": null}` for nobody; `idle` in seconds."""

    permission_classes = [AllowAny]

    @operation("who_am_i", WhoIsLoggedIn)
    def get(self, request: Request) -> Response:
        session = browser.live_session(request._request)  # noqa: SLF001 - the login is kept on Django's own request
        if session is None:
            return Response({"user": None})
        return Response(
            {
                "user": str(session.user_id),
                "name": session.user.display_name,
                "role": session.user.get_role_display(),
                "login": str(session.pk),
                "locked": lock.is_locked(session),
                "idle": lock.idle_seconds(session),
            }
        )


class SessionToken(SessionView):
    """`POST` -> `{access}`: what the board's page calls. A locked screen gets none."""

    @operation("token_of_session", AccessToken, 401, 403, 423)
    def post(self, request: Request) -> Response:
        session = _session(request)
        if lock.is_locked(session):
            return Response({"detail": "The screen is locked."}, status=LOCKED)
        return Response({"access": tokens.access_for(session)})


class Activity(SessionView):
    """`POST` -> `{locked}`: somebody has touched the screen. Takes no lock off."""

    @operation("report_activity", LockState, 401, 403)
    def post(self, request: Request) -> Response:
        session = _session(request)
        if not (locked := lock.is_locked(session)):
            lock.report_activity(session)
        return Response({"locked": locked})


class Lock(SessionView):
    """`POST` -> 204: nothing about patients is shown in this browser until it is unlocked."""

    @operation("lock_screen", None, 401, 403, status=204)
    def post(self, request: Request) -> Response:
        lock.lock(_session(request))
        return Response(status=204)


class Unlock(SessionView):
    """`POST {password}` of whoever is logged in -> 204; else a 403, the same whether it was tried or not."""

    @operation("unlock_screen", None, 400, 401, 403, 413, 415, takes=Password, status=204)
    def post(self, request: Request) -> Response:
        body = Password(data=request.data)
        body.is_valid(raise_exception=True)
        if not lock.unlock(request._request, _session(request), body.validated_data["password"]):  # noqa: SLF001 - see above
            raise PermissionDenied(WRONG_PASSWORD)
        return Response(status=204)


def _session(request: Request) -> LoginSession:
    session = browser.live_session(request._request)  # noqa: SLF001 - see above
    if session is None:
        # It was ended between the look at the user and this one.
        raise NotAuthenticated
    return session
