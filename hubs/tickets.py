"""Tickets: short-lived stand-ins that the stock client puts into URLs instead of the bearer token."""

import base64
import hashlib
import time
from dataclasses import dataclass

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

PREFIX = "ticket."
OPENS_FOR = 60  # seconds


class _Content(msgspec.Struct):
    hub: str
    token: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a good ticket holds: the token of its user, and whether it may still open a connection."""

    token: str
    is_fresh: bool


def issue(token: str, *, hub: str) -> str:
    """A ticket for one start at the hub of that path. It is the token, encrypted, with a time stamp.

    In a log it is worth nothing: it opens for a minute, at one hub, and each connection id opens once.
    """
    return PREFIX + _fernet().encrypt(msgspec.json.encode(_Content(hub, token))).decode()


def is_ticket(text: str) -> bool:
    return text.startswith(PREFIX)


def read(text: str, *, hub: str) -> Ticket | None:
    """The ticket, None for one that is forged or of another hub.

    An old one still speaks for its user in the polls and posts of a connection that lives.
    """
    encrypted = text.removeprefix(PREFIX).encode()
    try:
        content = msgspec.json.decode(_fernet().decrypt(encrypted), type=_Content)
        issued_at = _fernet().extract_timestamp(encrypted)
    except (InvalidToken, msgspec.DecodeError):
        return None
    if content.hub != hub:
        return None
    return Ticket(content.token, abs(time.time() - issued_at) <= OPENS_FOR)


def _fernet() -> MultiFernet:
    """Keys of their own, made from Django's, with its fallbacks for a rotation."""
    secrets = [str(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    digests = [hashlib.sha256(f"hubs.tickets:{secret}".encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
