import base64
import contextlib
import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubs.errors import ProtocolError
from hubs.protocol import json_protocol
from hubs.protocol.messages import (
    ABSENT,
    Ack,
    CancelInvocation,
    Close,
    Completion,
    Invocation,
    Message,
    Ping,
    SequenceStart,
    StreamInvocation,
    StreamItem,
)

MESSAGES = [
    (
        "an invocation that wants no answer",
        Invocation("Send", [1, "x", None]),
        '{"type":1,"target":"Send","arguments":[1,"x",null]}',
    ),
    (
        "an invocation with an id",
        Invocation("Send", [], "7"),
        '{"type":1,"invocationId":"7","target":"Send","arguments":[]}',
    ),
    (
        "an invocation with upload streams",
        Invocation("Send", [[1.5, {"a": True}]], "7", ["8", "9"]),
        '{"type":1,"invocationId":"7","target":"Send","arguments":[[1.5,{"a":true}]],"streamIds":["8","9"]}',
    ),
    (
        "a stream invocation",
        StreamInvocation("Count", [3], "7"),
        '{"type":4,"invocationId":"7","target":"Count","arguments":[3]}',
    ),
    (
        "a stream invocation with an upload stream",
        StreamInvocation("Count", [], "7", ["8"]),
        '{"type":4,"invocationId":"7","target":"Count","arguments":[],"streamIds":["8"]}',
    ),
    ("a stream item", StreamItem("7", "x"), '{"type":2,"invocationId":"7","item":"x"}'),
    ("a stream item that is null", StreamItem("7", None), '{"type":2,"invocationId":"7","item":null}'),
    ("a completion with a result", Completion("7", 42), '{"type":3,"invocationId":"7","result":42}'),
    (
        "a completion whose result is null",
        Completion("7", None),
        '{"type":3,"invocationId":"7","result":null}',
    ),
    ("a completion with neither", Completion("7"), '{"type":3,"invocationId":"7"}'),
    (
        "a completion with an error",
        Completion("7", error="no"),
        '{"type":3,"invocationId":"7","error":"no"}',
    ),
    ("a cancellation", CancelInvocation("7"), '{"type":5,"invocationId":"7"}'),
    ("a ping", Ping(), '{"type":6}'),
    ("a goodbye", Close(), '{"type":7}'),
    ("a goodbye with an error", Close("broken"), '{"type":7,"error":"broken"}'),
    ("a goodbye for now", Close(None, True), '{"type":7,"allowReconnect":true}'),
    ("an acknowledgement", Ack(9), '{"type":8,"sequenceId":9}'),
    ("the start of a sequence", SequenceStart(9), '{"type":9,"sequenceId":9}'),
    (
        "text beyond ASCII, as it is",
        StreamItem("7", "Zoë ☕"),
        '{"type":2,"invocationId":"7","item":"Zoë ☕"}',
    ),
]
names = pytest.mark.parametrize(
    ("message", "wire"), [row[1:] for row in MESSAGES], ids=[row[0] for row in MESSAGES]
)


def parsed(wire: str | bytes) -> Message | None:
    """The message with its payloads decoded, as the table spells them."""
    data = wire.encode() if isinstance(wire, str) else wire
    message = json_protocol.parse(data)
    match message:
        case Invocation() | StreamInvocation():
            arguments = [msgspec.json.decode(argument) for argument in message.arguments]
            return msgspec.structs.replace(message, arguments=arguments)
        case StreamItem():
            return msgspec.structs.replace(message, item=msgspec.json.decode(message.item))
        case Completion(result=result) if result is not ABSENT:
            return msgspec.structs.replace(message, result=msgspec.json.decode(result))
    return message


@names
def test_a_message_is_written(message, wire):
    assert json_protocol.encode(message).decode() == wire + "\x1e"


@names
def test_a_message_is_read(message, wire):
    assert parsed(wire) == message


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        ('{"arguments":[1],"target":"Send","type":1}', Invocation("Send", [1])),
        ('{"type":1,"target":"Send","arguments":[],"invocationId":""}', Invocation("Send", [])),
        ('{"type":1,"target":"Send","arguments":[],"streamIds":null}', Invocation("Send", [])),
        ('{"type":1,"target":"S","arguments":[],"headers":{"a":"b"},"new":1}', Invocation("S", [])),
        ('{"type":3,"invocationId":"7","result":1,"error":""}', Completion("7", 1)),
        ('{"type":3,"invocationId":"7","error":null}', Completion("7")),
        ('{"type":7,"error":"","allowReconnect":false}', Close()),
        (' { "type" : 6 } ', Ping()),
    ],
    ids=[
        "members in another order",
        "an empty id is none",
        "no streams",
        "headers and unknown members",
        "an empty error is none",
        "an error that is null",
        "an empty error of a goodbye",
        "white space",
    ],
)
def test_another_spelling_is_read(wire, message):
    assert parsed(wire) == message


@pytest.mark.parametrize("number", [0, 10, 99, -1])
def test_a_message_of_an_unknown_type_is_skipped(number):
    assert json_protocol.parse(f'{{"type":{number},"x":1}}'.encode()) is None


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'"x"',
        b"{}",
        b'{"type":"1"}',
        b'{"type":null}',
        b'{"type":1.5}',
        b'{"type":1,"target":"S","arguments":[1,]}',
        b'{"type":1,"arguments":[]}',
        b'{"type":1,"target":"S"}',
        b'{"type":1,"target":7,"arguments":[]}',
        b'{"type":1,"target":null,"arguments":[]}',
        b'{"type":1,"target":"S","arguments":{}}',
        b'{"type":1,"target":"S","arguments":null}',
        b'{"type":1,"target":"S","arguments":[],"invocationId":null}',
        b'{"type":1,"target":"S","arguments":[],"invocationId":7}',
        b'{"type":1,"target":"S","arguments":[],"streamIds":[1]}',
        b'{"type":2,"invocationId":"7"}',
        b'{"type":2,"item":1}',
        b'{"type":3,"result":1}',
        b'{"type":3,"invocationId":"7","result":1,"error":"x"}',
        b'{"type":4,"target":"S","arguments":[]}',
        b'{"type":5}',
        b'{"type":7,"error":7}',
        b'{"type":8}',
        b'{"type":9,"sequenceId":"1"}',
        b'\xff{"type":6}',
        b'{"type":1,"target":"\xff","arguments":[]}',
        b'{"type":6}{"type":6}',
    ],
)
def test_IN_1_a_malformed_message_breaks_the_protocol(wire):
    with pytest.raises(ProtocolError):
        json_protocol.parse(wire)


def test_IN_1_nesting_without_end_breaks_no_more_than_the_protocol():
    deep = b"[" * 20_000 + b"]" * 20_000
    with pytest.raises(ProtocolError):
        json_protocol.parse(b'{"type":1,"target":"S","arguments":' + deep + b"}")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
texts = st.text(min_size=1, max_size=20)
lists = st.lists(json_values, max_size=4)
ids = st.lists(texts, max_size=3).map(lambda found: found or ())
messages = st.one_of(
    st.builds(Invocation, texts, lists, st.none() | texts, ids),
    st.builds(StreamInvocation, texts, lists, texts, ids),
    st.builds(StreamItem, texts, json_values),
    st.builds(Completion, texts, json_values),
    st.builds(Completion, texts, error=texts),
    st.builds(CancelInvocation, texts),
    st.builds(Close, st.none() | texts, st.booleans()),
    st.builds(Ack, st.integers(0, 2**53)),
    st.builds(SequenceStart, st.integers(0, 2**53)),
)


@given(messages)
def test_what_is_written_is_read_again(message):
    *wires, rest = json_protocol.encode(message).split(b"\x1e")
    assert [parsed(wire) for wire in wires] == [message]
    assert rest == b""


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_break_the_protocol(data):
    with contextlib.suppress(ProtocolError):
        json_protocol.parse(data)


class Sample(msgspec.Struct, rename="camel"):
    taken_at: dt.datetime
    spo2: int | None = None


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (UUID("0B8F2A9E-0000-4000-8000-00000000000A"), '"0b8f2a9e-0000-4000-8000-00000000000a"'),
        (Decimal("36.60"), "36.60"),
        (b"\x01\x02", f'"{base64.b64encode(bytes([1, 2])).decode()}"'),
        (
            Sample(dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC), 97),
            '{"takenAt":"2026-11-24T08:00:00Z","spo2":97}',
        ),
        ((1, 2), "[1,2]"),
    ],
)
def test_a_value_is_written_as_javascript_reads_it(value, wire):
    assert json_protocol.encode(StreamItem("1", value)).decode() == (
        f'{{"type":2,"invocationId":"1","item":{wire}}}\x1e'
    )


def test_a_value_that_json_cannot_carry_is_the_senders_error():
    with pytest.raises(TypeError):
        json_protocol.encode(StreamItem("1", object()))


@pytest.mark.parametrize(
    ("wire", "to", "value"),
    [
        (b"7", int, 7),
        (b"7.0", float, 7.0),
        (b"36.6", Decimal, Decimal("36.6")),
        (b'"0b8f2a9e-0000-4000-8000-00000000000a"', UUID, UUID("0b8f2a9e-0000-4000-8000-00000000000a")),
        (b'"AQI="', bytes, b"\x01\x02"),
        (b"null", int | None, None),
        (b'["a"]', list[str], ["a"]),
        (b'{"TAKENAT":"2026-11-24T08:00:00Z"}', Sample, Sample(dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC))),
    ],
)
def test_an_argument_becomes_the_type_that_is_declared(wire, to, value):
    assert json_protocol.convert(msgspec.Raw(wire), to) == value


@pytest.mark.parametrize(
    ("wire", "to"),
    [
        (b'"7"', int),
        (b"7.5", int),
        (b"null", int),
        (b"1", bool),
        (b'"x"', UUID),
        (b"[1]", list[str]),
        (b"{}", Sample),
        (b'{"takenAt":"yesterday"}', Sample),
        (b"[", int),
    ],
)
def test_an_argument_of_another_type_does_not_bind(wire, to):
    with pytest.raises(msgspec.DecodeError):
        json_protocol.convert(msgspec.Raw(wire), to)


def test_a_payload_that_is_json_already_is_embedded_as_it_is():
    payload = json_protocol.embed(b'{"spo2":97}')
    assert json_protocol.encode(Invocation("Changed", [payload, 1])) == (
        b'{"type":1,"target":"Changed","arguments":[{"spo2":97},1]}\x1e'
    )


def test_it_says_what_it_is():
    assert (json_protocol.NAME, json_protocol.BINARY) == ("json", False)
    assert json_protocol.framing(10).feed(b"{}\x1e") == [b"{}"]
