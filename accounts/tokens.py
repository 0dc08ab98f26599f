"""Makes and verifies the JSON Web Tokens of users."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from rest_framework_simplejwt import tokens as simplejwt
from rest_framework_simplejwt.exceptions import TokenError

from accounts import sessions
from accounts.models import LoginSession, User
from accounts.signing import Keyed, NotOurs
from hubs.auth import MAXIMUM_TOKEN_LENGTH, InvalidToken, Principal

COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# A number that every database takes as a key.
USER_ID = re.compile(r"[0-9]{1,18}")
SESSION_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TEXT_CLAIMS = ("sub", "jti", "sid")


class AccessToken(Keyed, simplejwt.AccessToken):
    """What opens hubs and the API."""


class RefreshToken(Keyed, simplejwt.RefreshToken):  # type: ignore[misc]  # the bases of simplejwt disagree
    """What gets new tokens, once."""


def access_for(session: LoginSession) -> str:
    """A new access token. Its role and department inform its holder: `verify` asks the database."""
    token = AccessToken.for_user(session.user)
    token["sid"] = str(session.pk)
    token["role"] = session.user.role
    token["department"] = session.user.department
    return str(token)


def refresh_for(session: LoginSession) -> str:
    """A new refresh token, good once, and for nothing but new tokens of the same login."""
    token = RefreshToken.for_user(session.user)
    token["sid"] = str(session.pk)
    sessions.remember(session, token["jti"])
    return str(token)


def verify(token: str) -> Principal:
    """Who an access token speaks for, with role and department as the database has them now.

    Raises InvalidToken, and nothing else, whatever the text is.
    """
    claims = _claims(AccessToken, token)
    return _principal(claims, expires_at=float(claims["exp"]))


def renew(principal: Principal) -> Principal:
    """The principal with its user, role and department as they are now.

    Raises InvalidToken for a user who may not be here any more.
    """
    return _principal(principal.claims, expires_at=principal.expires_at)


def use_refresh(token: str) -> LoginSession:
    """Uses a refresh token up; the login that gets new tokens. Raises InvalidToken as `verify` does."""
    claims = _claims(RefreshToken, token)
    session = _session(claims)
    try:
        sessions.use(session, claims["jti"], timezone.now() + RefreshToken.lifetime)
    except sessions.RefreshReused:
        raise InvalidToken("refresh token reused") from None
    return session


def session_of_refresh(token: str) -> LoginSession:
    """The login that a refresh token belongs to, the token left as it is. Raises InvalidToken."""
    return _session(_claims(RefreshToken, token))


def log_in(user: User) -> LoginSession:
    """A new login, which lasts as long as its refresh token. Raises LoginRefused as `sessions.start` does."""
    return sessions.start(user, RefreshToken.lifetime, browser_key="")


def _claims(kind: type[AccessToken] | type[RefreshToken], token: str) -> Mapping[str, Any]:
    if len(token) > MAXIMUM_TOKEN_LENGTH:
        raise InvalidToken("longer than any token of ours")
    if not COMPACT.fullmatch(token):
        raise InvalidToken("not a signed token")
    try:
        claims: dict[str, Any] = kind(token).payload  # type: ignore[arg-type]  # the annotation is wrong: it takes text
        lifetime = claims["exp"] - claims.get("iat", 0)  # without its birth a token is of 1970, thus too old
    except TokenError as error:
        raise InvalidToken(_reason(error)) from None
    except Exception as error:  # noqa: BLE001 - whatever parsing a stranger's text raises, it is no token
        raise InvalidToken(type(error).__name__) from None
    if lifetime > kind.lifetime.total_seconds():
        raise InvalidToken("lives longer than any token of ours")
    for name in TEXT_CLAIMS:
        if not isinstance(claims.get(name), str):
            raise InvalidToken(f"{name} is not text")
    return claims


def _reason(error: TokenError) -> str:
    """The kind of the innermost error, for its message can quote the token; simplejwt's and ours do not."""
    innermost: BaseException = error
    while innermost.__cause__ is not None and not isinstance(innermost.__cause__, KeyError):
        innermost = innermost.__cause__
    if innermost is error or isinstance(innermost, NotOurs):
        return str(innermost)
    return type(innermost).__name__


def _principal(claims: Mapping[str, Any], *, expires_at: float) -> Principal:
    user = _session(claims).user
    current = {**claims, "role": user.role, "department": user.department}
    return Principal(user=user, claims=current, expires_at=expires_at)


def _session(claims: Mapping[str, Any]) -> LoginSession:
    """The live login of an active user that the claims speak for; one query for all of it."""
    if not USER_ID.fullmatch(claims["sub"]):
        raise InvalidToken("sub is not a user's number")
    if not SESSION_ID.fullmatch(claims["sid"]):
        raise InvalidToken("sid is not a login's number")
    session = LoginSession.objects.select_related("user").filter(pk=claims["sid"]).first()
    if session is None or str(session.user_id) != claims["sub"]:
        raise InvalidToken("unknown login")
    if session.ended_at is not None:
        raise InvalidToken("login ended")
    if not session.user.is_active:
        raise InvalidToken("deactivated user")
    return session
