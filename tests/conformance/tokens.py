"""The tokens of the recordings and of the contract: `verify` trusts their claims; there is no user table."""

import os
import secrets
import time
from dataclasses import dataclass
from typing import Any

import jwt

from hubs.auth import InvalidToken, Principal

# Of the recordings: the defaults of replay.py.
KEY = "k" * 40
ISSUER = "i"
AUDIENCE = "a"


@dataclass
class ClaimedUser:
    """The user that a token claims to be."""

    pk: str
    role: str
    department: str
    is_authenticated: bool = True
    is_active: bool = True


def verify(token: str) -> Principal:
    """Who the token speaks for. Raises InvalidToken."""
    try:
        claims = _claims(token)
    except jwt.InvalidTokenError as error:
        raise InvalidToken(type(error).__name__) from error
    user = ClaimedUser(claims["sub"], claims.get("role", ""), claims.get("department", ""))
    return Principal(user=user, claims=claims, expires_at=claims["exp"])


def issue(user: str, *, role: str | None = None, seconds: float) -> str:
    """A token of the contract, which ends at the very moment and not at a whole second."""
    claims = {"sub": user, "jti": secrets.token_hex(8), "exp": time.time() + seconds}
    if role is not None:
        claims["role"] = role
    return jwt.encode(claims, os.environ["CONFORMANCE_TOKEN_KEY"], algorithm="HS256")


def _claims(token: str) -> dict[str, Any]:
    try:
        return _claims_of_contract(token)
    except jwt.InvalidSignatureError:
        return _claims_of_recordings(token)


def _claims_of_contract(token: str) -> dict[str, Any]:
    # PyJWT would cut the fraction of the end time off.
    options: Any = {"require": ["exp", "sub", "jti"], "verify_exp": False}
    claims = jwt.decode(token, os.environ["CONFORMANCE_TOKEN_KEY"], algorithms=["HS256"], options=options)
    if claims["exp"] <= time.time():
        raise jwt.ExpiredSignatureError
    return claims


def _claims_of_recordings(token: str) -> dict[str, Any]:
    options: Any = {"require": ["exp", "sub"]}
    return jwt.decode(token, KEY, algorithms=["HS256"], issuer=ISSUER, audience=AUDIENCE, options=options)
