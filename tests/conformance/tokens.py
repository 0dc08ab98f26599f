"""The tokens of the recordings: `verify` trusts their claims, because there is no user table behind them."""

from dataclasses import dataclass

import jwt

from hubs.auth import InvalidToken, Principal

# The defaults of replay.py.
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
        claims = jwt.decode(
            token,
            KEY,
            algorithms=["HS256"],
            issuer=ISSUER,
            audience=AUDIENCE,
            options={"require": ["exp", "sub"]},
        )
    except jwt.InvalidTokenError as error:
        raise InvalidToken(type(error).__name__) from error
    user = ClaimedUser(claims["sub"], claims.get("role", ""), claims.get("department", ""))
    return Principal(user=user, claims=claims, expires_at=claims["exp"])
