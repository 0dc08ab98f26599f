"""Tokens for the hubs' own tests: they say in plain text who they speak for, and until when."""

import base64
import time
from typing import Any

import msgspec
from django.contrib.auth import get_user_model

from hubs.auth import InvalidToken, Principal


def token_for(user_id: int, *, seconds: float = 3600, **claims: object) -> str:
    body = {"sub": user_id, "exp": time.time() + seconds, **claims}
    return base64.urlsafe_b64encode(msgspec.json.encode(body)).decode()


def verify(token: str) -> Principal:
    """What HUBS["VERIFY"] names in these tests."""
    try:
        claims = msgspec.json.decode(base64.urlsafe_b64decode(token), type=dict)
    except ValueError as error:
        raise InvalidToken("unreadable") from error
    if claims["exp"] <= time.time():
        raise InvalidToken("expired")
    return Principal(user(claims["sub"]), claims, claims["exp"])


def user(user_id: int):
    """A user as a verify would have read it from the database."""
    return get_user_model()(pk=user_id, username=f"user{user_id}")


def bearer(user_id: int, **claims: Any) -> tuple[bytes, bytes]:
    return b"authorization", f"Bearer {token_for(user_id, **claims)}".encode()
