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
    connection_id: str
    origin: str | None


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a good ticket holds."""

    token: str
    # The one that was negotiated with it, which it may open without naming it.
    connection_id: str
    # Whether it may still open a connection.
    is_fresh: bool
    # The page that negotiated, None for a client that is no page.
    origin: str | None

    def is_for_page(self, origin: str | None) -> bool:
        """Browsers say nothing of a page when it only reads from its own site."""
        return self.origin is None or origin is None or self.origin == origin


def issue(token: str, *, hub: str, connection_id: str, origin: str | None = None) -> str:
    """A ticket for one start at the hub of that path. It is the token, encrypted, with a time stamp.

    In a log it is worth nothing: it opens for a minute, at one hub, until it has opened a connection.
    """
    content = _Content(hub, token, connection_id, origin)
    return PREFIX + _fernet().encrypt(msgspec.json.encode(content)).decode()


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
    is_fresh = abs(time.time() - issued_at) <= OPENS_FOR
    return Ticket(content.token, content.connection_id, is_fresh, content.origin)


def _fernet() -> MultiFernet:
    """Keys of their own, made from Django's, with its fallbacks for a rotation."""
    secrets = [str(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    digests = [hashlib.sha256(f"hubs.tickets:{secret}".encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
