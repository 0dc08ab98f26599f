import json

import pytest

from hubs.errors import NegotiationError
from hubs.protocol import negotiation


@pytest.mark.parametrize(
    ("requested", "version"),
    [(None, 0), ("0", 0), ("1", 1), ("2", 1), ("99", 1), (" 1 ", 1), ("+1", 1), ("-0", 0), ("01", 1)],
)
def test_the_version_is_what_both_can(requested, version):
    assert negotiation.chosen_version(requested) == version


@pytest.mark.parametrize("requested", ["", "x", "1.0", "1e1", "1 1", "0x1", "१", "1_0", "9" * 5000])
def test_a_version_that_is_no_number_is_refused(requested):
    with pytest.raises(NegotiationError, match=r"^The client requested a non-integer protocol version\.$"):
        negotiation.chosen_version(requested)


def test_a_version_below_zero_is_refused_by_number():
    with pytest.raises(
        NegotiationError,
        match=r"^The client requested version '-1', but the server does not support this version\.$",
    ):
        negotiation.chosen_version("-1")


def answer(version: int, transports=(negotiation.WEB_SOCKETS,), **more) -> dict:
    body = negotiation.encode_response(
        version=version, connection_id="public", token="secret", transports=transports, **more
    )
    return json.loads(body)


def test_version_1_has_a_public_id_and_a_secret_token():
    assert answer(1) == {
        "negotiateVersion": 1,
        "connectionId": "public",
        "connectionToken": "secret",
        "availableTransports": [{"transport": "WebSockets", "transferFormats": ["Text", "Binary"]}],
    }


def test_version_0_has_an_id_only():
    found = answer(0)
    assert found["negotiateVersion"] == 0
    assert "connectionToken" not in found


def test_transports_come_in_the_order_in_which_a_client_shall_try_them():
    offered = (negotiation.WEB_SOCKETS, negotiation.SERVER_SENT_EVENTS, negotiation.LONG_POLLING)
    assert answer(1, offered)["availableTransports"] == [
        {"transport": "WebSockets", "transferFormats": ["Text", "Binary"]},
        {"transport": "ServerSentEvents", "transferFormats": ["Text"]},
        {"transport": "LongPolling", "transferFormats": ["Text", "Binary"]},
    ]


def test_stateful_reconnect_is_mentioned_only_where_it_is_granted():
    assert answer(1, stateful=True)["useStatefulReconnect"] is True
    assert "useStatefulReconnect" not in answer(1)


@pytest.mark.parametrize("version", [0, 1])
def test_a_ticket_stands_where_the_client_looks_for_a_token(version):
    assert answer(version, ticket="ticket")["accessToken"] == "ticket"
    assert "accessToken" not in answer(version)


def test_an_error_stands_alone():
    assert json.loads(negotiation.encode_error("no")) == {"error": "no"}


def test_the_life_of_a_token_that_may_be_refreshed_is_told():
    body = negotiation.encode_response(
        version=1, connection_id="id", token="token", transports=["WebSockets"], token_lifetime=900
    )
    assert json.loads(body)["tokenLifetimeSeconds"] == 900
