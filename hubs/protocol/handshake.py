"""The first exchange on a connection, always JSON: which hub protocol is spoken, in which version."""

import msgspec

from hubs.errors import HANDSHAKE_FAILED, HandshakeError, version_not_supported
from hubs.protocol.framing import RECORD_SEPARATOR

MAXIMUM_VERSION = 2  # 2 is stateful reconnect; older clients say 0 or 1


class HandshakeRequest(msgspec.Struct, frozen=True):
    """What the client asks for."""

    protocol: str
    version: int


class _Response(msgspec.Struct, frozen=True, omit_defaults=True):
    error: str | None = None


def parse_request(data: bytes) -> HandshakeRequest:
    """The request without its separator. Raises HandshakeError with the client's answer."""
    try:
        request = msgspec.json.decode(data, type=HandshakeRequest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HandshakeError(HANDSHAKE_FAILED) from error
    if request.version > MAXIMUM_VERSION:
        raise HandshakeError(version_not_supported(request.version, request.protocol))
    return request


def encode_request(protocol: str, version: int = 1) -> bytes:
    return msgspec.json.encode(HandshakeRequest(protocol, version)) + RECORD_SEPARATOR


def encode_response(error: str | None = None) -> bytes:
    return msgspec.json.encode(_Response(error)) + RECORD_SEPARATOR


def parse_response(data: bytes) -> str | None:
    """The error text of the server's answer, None where it accepts. Raises msgspec.DecodeError."""
    return msgspec.json.decode(data, type=_Response).error
