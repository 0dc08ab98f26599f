import msgspec
import pytest

from hubs.protocol.messages import (
    ABSENT,
    Ack,
    CancelInvocation,
    Close,
    Completion,
    Invocation,
    Ping,
    SequenceStart,
    StreamInvocation,
    StreamItem,
)

SECRET = "NHS 943 476 5919"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (Invocation("Send", [SECRET], "7"), "Invocation(invocation_id='7', target='Send')"),
        (StreamInvocation("Count", [SECRET], "7"), "StreamInvocation(invocation_id='7', target='Count')"),
        (StreamItem("7", SECRET), "StreamItem(invocation_id='7')"),
        (Completion("7", SECRET), "Completion(invocation_id='7')"),
        (Completion("7", error=SECRET), "Completion(invocation_id='7')"),
        (CancelInvocation("7"), "CancelInvocation(invocation_id='7')"),
        (Ping(), "Ping()"),
        (Close(SECRET), "Close()"),
        (Ack(9), "Ack(sequence_id=9)"),
        (SequenceStart(9), "SequenceStart(sequence_id=9)"),
    ],
)
def test_a_printed_message_shows_type_and_ids_and_never_a_payload(message, shown):
    assert repr(message) == shown
    assert SECRET not in f"{message} {message!r} {[message]}"


def test_a_message_cannot_be_changed():
    with pytest.raises(AttributeError):
        Ping().target = "x"
    with pytest.raises(AttributeError):
        Close().error = "x"


def test_no_result_is_another_thing_than_the_result_null():
    assert Completion("7") != Completion("7", None)
    assert Completion("7").result is ABSENT is msgspec.UNSET
