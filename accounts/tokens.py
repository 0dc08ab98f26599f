"""Makes and verifies the JSON Web Tokens of users; the only module that knows simplejwt."""

import re
from collections.abc import Mapping
from typing import Any

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.models import User
from hubs.auth import MAXIMUM_TOKEN_LENGTH, InvalidToken, Principal

COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# A number that every database takes as a key.
USER_ID = re.compile(r"[0-9]{1,18}")
TEXT_CLAIMS = ("sub", "jti")


def access_for(user: User) -> str:
    """A new access token. Its role and department inform its holder: `verify` asks the database."""
    token = AccessToken.for_user(user)
    token["role"] = user.role
    token["department"] = user.department
    return str(token)


def refresh_for(user: User) -> str:
    """A new refresh token, good for nothing but access tokens."""
    return str(RefreshToken.for_user(user))


def verify(token: str) -> Principal:
    """Who an access token speaks for, with role and department as the database has them now.

    Raises InvalidToken, and nothing else, whatever the text is.
    """
    claims = _claims(AccessToken, token)
    user = _user(claims)
    current = {**claims, "role": user.role, "department": user.department}
    return Principal(user=user, claims=current, expires_at=float(claims["exp"]))


def renew(principal: Principal) -> Principal:
    """The principal with its user, role and department as they are now.

    Raises InvalidToken for a user who may not be here any more.
    """
    user = _user(principal.claims)
    current = {**principal.claims, "role": user.role, "department": user.department}
    return Principal(user=user, claims=current, expires_at=principal.expires_at)


def user_of_refresh(token: str) -> User:
    """Who a refresh token may get access tokens for. Raises InvalidToken as `verify` does."""
    return _user(_claims(RefreshToken, token))


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
    """The kind of the innermost error, because its message can quote the token; our library's own do not."""
    innermost: BaseException = error
    while innermost.__cause__ is not None and not isinstance(innermost.__cause__, KeyError):
        innermost = innermost.__cause__
    return str(error) if innermost is error else type(innermost).__name__


def _user(claims: Mapping[str, Any]) -> User:
    if not USER_ID.fullmatch(claims["sub"]):
        raise InvalidToken("sub is not a user's number")
    user = User.objects.filter(pk=int(claims["sub"])).first()
    if user is None:
        raise InvalidToken("unknown user")
    if not user.is_active:
        raise InvalidToken("deactivated user")
    return user
