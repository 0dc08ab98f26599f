import pytest

from hubs import errors
from hubs.errors import CloseReason, HubError


class OddlyNamed(Exception):
    pass


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        (
            errors.unknown_method("Foo"),
            "Failed to invoke 'Foo' due to an error on the server. HubException: Method does not exist.",
        ),
        (errors.invocation_failed("Foo"), "Failed to invoke 'Foo' due to an error on the server."),
        (errors.unauthorized("Foo"), "Failed to invoke 'Foo' because user is unauthorized"),
        (
            errors.action_failed("Foo", OddlyNamed("x"), detailed=False),
            "An unexpected error occurred invoking 'Foo' on the server.",
        ),
        (
            errors.action_failed("Foo", OddlyNamed("x"), detailed=True),
            "An unexpected error occurred invoking 'Foo' on the server. OddlyNamed: x",
        ),
        (
            errors.action_failed("Foo", HubError("x"), detailed=False),
            "An unexpected error occurred invoking 'Foo' on the server. HubException: x",
        ),
        (
            errors.stream_failed(OddlyNamed("x"), detailed=False),
            "An error occurred on the server while streaming results.",
        ),
        (
            errors.stream_failed(HubError("x"), detailed=False),
            "An error occurred on the server while streaming results. HubException: x",
        ),
        (
            errors.stream_called_as_invocation("Foo"),
            "The client attempted to invoke the streaming 'Foo' method with a non-streaming invocation.",
        ),
        (
            errors.invocation_called_as_stream("Foo"),
            "The client attempted to invoke the non-streaming 'Foo' method with a streaming invocation.",
        ),
        (
            errors.wrong_stream_count("Foo", 1, 2),
            (
                "An unexpected error occurred invoking 'Foo' on the server. "
                "HubException: Client sent 1 stream(s), Hub method expects 2."
            ),
        ),
        (errors.invocation_id_in_use("7"), "Invocation ID '7' is already in use."),
        (errors.protocol_not_supported("xml"), "The protocol 'xml' is not supported."),
        (
            errors.version_not_supported(9, "json"),
            "The server does not support version 9 of the 'json' protocol.",
        ),
        (
            errors.transport_is_not_binary("messagepack"),
            (
                "Cannot use the 'messagepack' protocol on the current transport. "
                "The transport does not support 'Binary' transfer format."
            ),
        ),
        (errors.HANDSHAKE_CANCELED, "Handshake was canceled."),
        (errors.HANDSHAKE_FAILED, "An unexpected error occurred during connection handshake."),
        (errors.CONNECTION_CLOSED, "Connection closed with an error."),
        (errors.CONNECTION_ID_REQUIRED, "Connection ID required"),
        (errors.NO_SUCH_CONNECTION, "No Connection with that ID"),
        (errors.POST_TO_WEBSOCKET, "POST requests are not allowed for WebSocket connections."),
    ],
)
def test_a_text_is_the_recorded_one(text, wire):
    assert text == wire


@pytest.mark.parametrize(
    ("reason", "error", "allow_reconnect"),
    [
        (CloseReason.CLIENT_CLOSED, None, False),
        (CloseReason.ABORTED, None, False),
        (CloseReason.DISCONNECTED, None, False),
        (CloseReason.CONNECT_FAILED, "Connection closed with an error.", False),
        (CloseReason.PROTOCOL_ERROR, "Connection closed with an error.", True),
        (CloseReason.TOO_LARGE, "Connection closed with an error.", True),
        (CloseReason.CLIENT_TIMEOUT, "Connection closed with an error.", True),
        (CloseReason.TOO_SLOW, "Connection closed with an error.", True),
        (CloseReason.TOO_MANY_REFUSED, "Connection closed with an error.", True),
        (CloseReason.EXPIRED, None, True),
        (CloseReason.REPLACED, "Another user has signed in.", False),
        (CloseReason.REVOKED, "Your access has been withdrawn.", False),
        (CloseReason.GOING_DOWN, None, True),
    ],
)
def test_a_reason_says_what_the_client_sees_and_whether_it_may_come_back(reason, error, allow_reconnect):
    assert (reason.error, reason.allow_reconnect) == (error, allow_reconnect)


def test_every_reason_has_a_word_of_its_own_for_the_log():
    words = [reason.word for reason in CloseReason]
    assert len(set(words)) == len(words)
