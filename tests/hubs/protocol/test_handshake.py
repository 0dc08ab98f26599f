import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubs.errors import HandshakeError
from hubs.protocol import handshake
from hubs.protocol.handshake import HandshakeRequest


@pytest.mark.parametrize(
    ("wire", "request_"),
    [
        (b'{"protocol":"json","version":1}', HandshakeRequest("json", 1)),
        (b'{"version":2,"protocol":"messagepack"}', HandshakeRequest("messagepack", 2)),
        (b'{"protocol":"json","version":0}', HandshakeRequest("json", 0)),
        (b'{"protocol":"json","version":1,"new":true}', HandshakeRequest("json", 1)),
    ],
)
def test_a_request_is_read(wire, request_):
    assert handshake.parse_request(wire) == request_


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"{",
        b"\xff",
        b'{"protocol":"json"}',
        b'{"version":1}',
        b'{"protocol":null,"version":1}',
        b'{"protocol":"json","version":"1"}',
        b'{"protocol":"json","version":1.5}',
        b'{"protocol":"\xff","version":1}',
        b'{"type":1,"target":"Send","arguments":[]}',
        b"[" * 20_000,
    ],
)
def test_a_malformed_request_is_answered_with_one_sentence(wire):
    with pytest.raises(HandshakeError, match=r"^An unexpected error occurred during connection handshake\.$"):
        handshake.parse_request(wire)


@pytest.mark.parametrize("version", [3, 2_147_483_647])
def test_a_version_of_the_future_is_refused_by_number(version):
    with pytest.raises(
        HandshakeError, match=rf"^The server does not support version {version} of the 'json' protocol\.$"
    ):
        handshake.parse_request(f'{{"protocol":"json","version":{version}}}'.encode())


@given(st.binary(max_size=100))
def test_no_bytes_do_more_than_fail_the_handshake(data):
    with contextlib.suppress(HandshakeError):
        handshake.parse_request(data)


def test_acceptance_is_an_empty_object():
    assert handshake.encode_response() == b"{}\x1e"


def test_refusal_carries_its_text():
    assert handshake.encode_response("no") == b'{"error":"no"}\x1e'


@pytest.mark.parametrize(
    ("wire", "error"), [(b"{}", None), (b'{"error":"no"}', "no"), (b'{"error":null}', None)]
)
def test_an_answer_is_read(wire, error):
    assert handshake.parse_response(wire) == error


def test_an_answer_that_is_no_object_is_an_error():
    with pytest.raises(msgspec.DecodeError):
        handshake.parse_response(b"[]")


@pytest.mark.parametrize(
    ("request_", "wire"),
    [
        (handshake.encode_request("json"), b'{"protocol":"json","version":1}\x1e'),
        (handshake.encode_request("messagepack", 2), b'{"protocol":"messagepack","version":2}\x1e'),
    ],
)
def test_a_request_is_written(request_, wire):
    assert request_ == wire
