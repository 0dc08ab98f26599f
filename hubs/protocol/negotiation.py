"""The answer to `POST {hub}/negotiate`: versions, ids and the transports that this server offers."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from hubs.errors import NEGOTIATE_VERSION_NOT_A_NUMBER, NegotiationError, negotiate_version_too_low

MAXIMUM_VERSION = 1

WEB_SOCKETS = "WebSockets"
SERVER_SENT_EVENTS = "ServerSentEvents"
LONG_POLLING = "LongPolling"

# In the order in which clients try them.
TRANSPORTS = (WEB_SOCKETS, SERVER_SENT_EVENTS, LONG_POLLING)

FORMATS = {
    WEB_SOCKETS: ["Text", "Binary"],
    SERVER_SENT_EVENTS: ["Text"],
    LONG_POLLING: ["Text", "Binary"],
}


def chosen_version(requested: str | None) -> int:
    """The version that is used: 0 when none is asked for, ours when more is. Raises NegotiationError."""
    if requested is None:
        return 0
    # Not `\s`, which stands for more than `int` takes.
    if not re.fullmatch(r"[ \t\r\n]*[+-]?[0-9]{1,10}[ \t\r\n]*", requested):
        raise NegotiationError(NEGOTIATE_VERSION_NOT_A_NUMBER)
    version = int(requested)
    if version < 0:
        raise NegotiationError(negotiate_version_too_low(version))
    return min(version, MAXIMUM_VERSION)


def encode_response(
    *,
    version: int,
    connection_id: str,
    token: str,
    transports: Sequence[str],
    stateful: bool = False,
    ticket: str | None = None,
    token_lifetime: int | None = None,
) -> bytes:
    """The JSON body; version 0 has no token, because there the id is the token.

    With a `ticket` the client uses that instead of its own token until its next start. `token_lifetime` is in
    seconds, and says that the connection may be refreshed.
    """
    body: dict[str, Any] = {"negotiateVersion": version, "connectionId": connection_id}
    if version > 0:
        body["connectionToken"] = token
    if ticket is not None:
        body["accessToken"] = ticket
    if token_lifetime is not None:
        body["tokenLifetimeSeconds"] = token_lifetime
    if stateful:
        body["useStatefulReconnect"] = True
    body["availableTransports"] = [
        {"transport": transport, "transferFormats": FORMATS[transport]} for transport in transports
    ]
    return msgspec.json.encode(body)


def encode_error(text: str) -> bytes:
    return msgspec.json.encode({"error": text})
