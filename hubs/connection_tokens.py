"""Signs and reads connection tokens: the secret `id` of a connection, good for one user at one hub path."""

import json
import re
import secrets

from django.core import signing

from hubs.conf import hubs_settings

MAXIMUM_LENGTH = 200
_V0 = "0"
_V1 = "1"


def new_connection_id() -> str:
    """128 random bits, URL-safe; public: other users may see it."""
    return secrets.token_urlsafe(16)


def issue(*, hub: str, user: str | None, version: int) -> tuple[str, str]:
    """(connection id, connection token) for a negotiation. In version 0 the token is the id.

    The token carries its id, a time stamp and a signature that covers the hub's path and the user, so that
    any worker can check it and nobody else's request can use it.
    """
    random_id = new_connection_id()
    token = _signer(_V1 if version else _V0, hub, user).sign(random_id)
    return (random_id if version else token), token


def read(token: str, *, hub: str, user: str | None) -> tuple[str, bool] | None:
    """(connection id, may it still open) of a token issued to this user at this hub; None for other text."""
    if len(token) > MAXIMUM_LENGTH or not re.fullmatch(r"[A-Za-z0-9_.-]+", token):
        return None
    for version in (_V1, _V0):
        signer = _signer(version, hub, user)
        try:
            random_id = signer.unsign(token)
        except signing.BadSignature:
            continue
        return (random_id if version == _V1 else token), _is_fresh(signer, token)
    return None


def _is_fresh(signer: signing.TimestampSigner, token: str) -> bool:
    try:
        signer.unsign(token, max_age=hubs_settings.CONNECT_TIMEOUT)
    except signing.SignatureExpired:
        return False
    return True


def _signer(version: str, hub: str, user: str | None) -> signing.TimestampSigner:
    return signing.TimestampSigner(sep=".", salt=json.dumps(["hubs.connection-token", version, hub, user]))
