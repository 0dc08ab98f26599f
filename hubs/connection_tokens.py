"""Signs and reads connection tokens: the secret `id` of a connection, good for one user at one hub path."""

import json
import re
import secrets
from dataclasses import dataclass

from django.core import signing

from hubs.conf import hubs_settings

SEPARATOR = "."
ID_LENGTH = 22  # 128 bits in base64
SIGNATURE_LENGTH = 43  # 256 bits
SHORTEST = ID_LENGTH + SIGNATURE_LENGTH + 4
LONGEST = ID_LENGTH + SIGNATURE_LENGTH + 8
# (negotiate version, stateful): the signature covers the mode, so that nobody can change it.
MODES = ((1, False), (0, False), (1, True), (0, True))


def new_connection_id() -> str:
    """128 random bits, URL-safe; public: other users may see it."""
    return secrets.token_urlsafe(16)


def shown(connection_id: str) -> str:
    """The id for logs and lists, without what makes it a token: in version 0 of negotiate it is both."""
    return connection_id[:ID_LENGTH]


@dataclass(frozen=True, slots=True)
class ConnectionToken:
    """What a good token says: its connection's id, whether it may still open it, and in which mode."""

    connection_id: str
    is_fresh: bool
    is_stateful: bool


def issue(*, hub: str, user: str | None, version: int, stateful: bool = False) -> tuple[str, str]:
    """(connection id, connection token) for a negotiation. In version 0 the token is the id.

    The token carries its id, a time stamp and a signature that covers the hub's path and the user, so that
    any worker can check it and nobody else's request can use it.
    """
    random_id = new_connection_id()
    signed = _signer((min(version, 1), stateful), hub, user).sign(random_id)
    # Clients put it into the URL as it is, and expect letters, digits, "-" and "_" only.
    token = signed.replace(SEPARATOR, "")
    return (random_id if version else token), token


def read(token: str, *, hub: str, user: str | None) -> ConnectionToken | None:
    """What a token says that was issued to this user at this hub; None for any other text."""
    signed = _separated(token)
    if signed is None:
        return None
    for version, stateful in MODES:
        signer = _signer((version, stateful), hub, user)
        try:
            random_id = signer.unsign(signed)
        except signing.BadSignature:
            continue
        return ConnectionToken(random_id if version else token, _is_fresh(signer, signed), stateful)
    return None


def _separated(token: str) -> str | None:
    """The token as the signer wrote it: id, time stamp and signature, of which two have a known length."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", token) or not SHORTEST <= len(token) <= LONGEST:
        return None
    connection_id, signature = token[:ID_LENGTH], token[-SIGNATURE_LENGTH:]
    stamp = token[ID_LENGTH:-SIGNATURE_LENGTH]
    return SEPARATOR.join((connection_id, stamp, signature))


def _is_fresh(signer: signing.TimestampSigner, signed: str) -> bool:
    try:
        signer.unsign(signed, max_age=hubs_settings.CONNECT_TIMEOUT)
    except signing.SignatureExpired:
        return False
    return True


def _signer(mode: tuple[int, bool], hub: str, user: str | None) -> signing.TimestampSigner:
    return signing.TimestampSigner(
        sep=SEPARATOR, salt=json.dumps(["hubs.connection-token", *mode, hub, user])
    )
