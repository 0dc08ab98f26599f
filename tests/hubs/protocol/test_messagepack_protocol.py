import contextlib
import string
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgpack  # type: ignore[import-untyped]  # an implementation that is not the one under test
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubs.errors import MessageTooLarge, ProtocolError
from hubs.protocol import messagepack_protocol as protocol
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

# (name, message, its bytes without the length). The bytes are what the stock client sends or understands.
BOTH_WAYS: list[tuple[str, Message, str]] = [
    ("invocation", Invocation("Add", [2, 40], "1"), "96 01 80 a131 a3416464 92 02 28 90"),
    ("invocation without an id", Invocation("Say", ["hi"]), "96 01 80 c0 a3536179 91 a26869 90"),
    ("invocation with uploads", Invocation("Sum", [], "1", ["s1"]), "96 01 80 a131 a353756d 90 91 a27331"),
    ("stream invocation", StreamInvocation("Go", [3], "9"), "96 04 80 a139 a2476f 91 03 90"),
    ("stream item", StreamItem("9", {"a": None}), "94 02 80 a139 81 a161 c0"),
    ("stream item that is null", StreamItem("9", None), "94 02 80 a139 c0"),
    ("completion with an error", Completion("1", error="no"), "95 03 80 a131 01 a26e6f"),
    ("completion without a result", Completion("1"), "94 03 80 a131 02"),
    ("completion with a result", Completion("1", [True]), "95 03 80 a131 03 91 c3"),
    ("completion with null", Completion("1", None), "95 03 80 a131 03 c0"),
    ("cancellation", CancelInvocation("9"), "93 05 80 a139"),
    ("ping", Ping(), "91 06"),
    ("close", Close(), "93 07 c0 c2"),
    ("close with an error", Close("no", allow_reconnect=True), "93 07 a26e6f c3"),
    ("acknowledgement", Ack(300), "92 08 cd012c"),
    ("sequence", SequenceStart(1), "92 09 01"),
]

# (name, bytes, message): other spellings that clients use or may use.
READ_ONLY: list[tuple[str, str, Message]] = [
    ("five items", "95 01 80 a131 a3416464 92 02 28", Invocation("Add", [2, 40], "1")),
    ("nil for stream ids", "96 01 80 a131 a3416464 90 c0", Invocation("Add", [], "1")),
    ("empty id", "95 01 80 a0 a3416464 90", Invocation("Add", [])),
    ("headers", "95 01 81 a161 a162 a131 a3416464 90", Invocation("Add", [], "1")),
    ("more items than known", "98 01 80 a131 a3416464 90 90 01 02", Invocation("Add", [], "1")),
    ("longer forms of numbers", "dc0001 d300000000 00000006", Ping()),
    ("five items in a stream invocation", "95 04 80 a139 a2476f 90", StreamInvocation("Go", [], "9")),
    ("void with a value", "95 03 80 a131 02 01", Completion("1")),
    ("close as the stock client says it", "92 07 c0", Close()),
    ("close with an empty error", "93 07 a0 c0", Close()),
]

UNKNOWN_TYPES = ["91 0a", "91 00", "91 ff", "93 63 c0 90"]

MALFORMED: list[tuple[str, str]] = [
    ("nothing", ""),
    ("no array", "80"),
    ("an empty array", "90"),
    ("an unused opcode", "c1c1"),
    ("a type that is text", "91 a136"),
    ("a type that is a fraction", "91 cb4018000000000000"),
    ("bytes behind the message", "91 06 00"),
    ("an array longer than its items", "92 06"),
    ("a length of 2^32 - 1", "dd ffffffff 06"),
    ("arguments of a length of 2^28", "95 01 80 a131 a3416464 dd 0fffffff 01"),
    ("headers that are nil", "95 01 c0 a131 a3416464 90"),
    ("headers that are text", "95 01 a178 a131 a3416464 90"),
    ("headers that are an array", "95 01 90 a131 a3416464 90"),
    ("a header that is a number", "95 01 81 a161 01 a131 a3416464 90"),
    ("an id that is a number", "95 01 80 01 a3416464 90"),
    ("a target that is nil", "95 01 80 a131 c0 90"),
    ("a target that is no UTF-8", "95 01 80 a131 a1ff 90"),
    ("arguments that are nil", "95 01 80 a131 a3416464 c0"),
    ("no arguments", "94 01 80 a131 a3416464"),
    ("stream ids that are numbers", "96 01 80 a131 a3416464 90 91 01"),
    ("a stream invocation without an id", "95 04 80 c0 a2476f 90"),
    ("a stream item without an item", "93 02 80 a139"),
    ("a completion without a kind", "93 03 80 a131"),
    ("a completion of kind 3 without a value", "94 03 80 a131 03"),
    ("a completion of kind 1 without a text", "94 03 80 a131 01"),
    ("a completion of kind 1 with a number", "95 03 80 a131 01 05"),
    ("a completion of kind 4", "95 03 80 a131 04 a26e6f"),
    ("a cancellation without an id", "92 05 80"),
    ("a close without an error", "91 07"),
    ("a close whose error is a number", "92 07 01"),
    ("an acknowledgement without a number", "91 08"),
    ("a sequence that is text", "92 09 a131"),
]


def plain(message: Message | None) -> Message | None:
    """The message with its values decoded, to be compared."""
    match message:
        case Invocation(target, arguments, invocation_id, streams):
            return Invocation(target, [decoded(each) for each in arguments], invocation_id, list(streams))
        case StreamInvocation(target, arguments, invocation_id, streams):
            return StreamInvocation(
                target, [decoded(each) for each in arguments], invocation_id, list(streams)
            )
        case StreamItem(invocation_id, item):
            return StreamItem(invocation_id, decoded(item))
        case Completion(invocation_id, result, error) if result is not ABSENT:
            return Completion(invocation_id, decoded(result), error)
    return message


def decoded(value: Any) -> Any:
    return protocol.convert(value, Any) if isinstance(value, msgspec.Raw) else value


def framed(body: bytes) -> bytes:
    assert len(body) < 128
    return bytes([len(body)]) + body


@pytest.mark.parametrize(("message", "spelling"), [pytest.param(*row[1:], id=row[0]) for row in BOTH_WAYS])
def test_message_is_written_and_read_as_recorded(message: Message, spelling: str) -> None:
    assert protocol.encode(message) == framed(bytes.fromhex(spelling))
    assert plain(protocol.parse(bytes.fromhex(spelling))) == plain(message)


@pytest.mark.parametrize(("spelling", "message"), [pytest.param(*row[1:], id=row[0]) for row in READ_ONLY])
def test_other_spellings_are_understood(spelling: str, message: Message) -> None:
    assert plain(protocol.parse(bytes.fromhex(spelling))) == plain(message)


@pytest.mark.parametrize("spelling", UNKNOWN_TYPES)
def test_message_of_unknown_type_is_none_and_no_error(spelling: str) -> None:
    assert protocol.parse(bytes.fromhex(spelling)) is None


@pytest.mark.parametrize("spelling", [pytest.param(row[1], id=row[0]) for row in MALFORMED])
def test_malformed_message_is_a_protocol_error(spelling: str) -> None:
    with pytest.raises(ProtocolError):
        protocol.parse(bytes.fromhex(spelling))


def test_nesting_without_end_is_a_protocol_error() -> None:
    with pytest.raises(ProtocolError):
        protocol.parse(bytes.fromhex("94 02 80 a139") + b"\x91" * 100_000)


def test_arguments_are_not_looked_at_before_they_are_bound() -> None:
    message = protocol.parse(bytes.fromhex("95 01 80 a131 a3416464 91 a1ff"))
    assert isinstance(message, Invocation)
    with pytest.raises(ValueError, match="utf-8"):
        protocol.convert(message.arguments[0], str)


class Patient(msgspec.Struct):
    id: int = 0
    name: str | None = None


@pytest.mark.parametrize(
    ("value", "to", "expected"),
    [
        ("8c6f6e1c-5f5c-4b8e-8a55-0f0f4b1f9b0a", UUID, UUID("8c6f6e1c-5f5c-4b8e-8a55-0f0f4b1f9b0a")),
        (b"\x00\xff", bytes, b"\x00\xff"),
        (3, float, 3.0),
        ([1, 2], list[int], [1, 2]),
        (None, str | None, None),
        (msgpack.Timestamp(0), datetime, datetime(1970, 1, 1, tzinfo=UTC)),
        (msgpack.Timestamp(-1000), datetime, datetime(1969, 12, 31, 23, 43, 20, tzinfo=UTC)),
        (
            msgpack.Timestamp(1709251198, 500_000_000),
            datetime,
            datetime(2024, 2, 29, 23, 59, 58, 500_000, UTC),
        ),
        ({"ID": 7, "Name": "Ada", "extra": 1}, Patient, Patient(7, "Ada")),
        ([{"Id": 7}], list[Patient], [Patient(7)]),
    ],
    ids=str,
)
def test_argument_is_bound_to_its_type(value: Any, to: Any, expected: Any) -> None:
    assert protocol.convert(msgpack.packb(value), to) == expected


@pytest.mark.parametrize(
    ("value", "to"),
    [
        ("1", int),
        (None, str),
        (5, str),
        ("no uuid", UUID),
        ({"id": "seven"}, Patient),
        (7, Patient),
        ("text", bytes),
        (msgpack.ExtType(5, b"x"), str),
    ],
    ids=str,
)
def test_argument_of_another_type_is_refused(value: Any, to: Any) -> None:
    with pytest.raises(msgspec.DecodeError):
        protocol.convert(msgpack.packb(value), to)


def test_time_outside_of_the_calendar_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        protocol.convert(bytes.fromhex("c70cff 00000000 7fffffffffffffff"), datetime)


@pytest.mark.parametrize("value", [object(), 2**64, {1, object()}], ids=["object", "2^64", "set of objects"])
def test_value_that_messagepack_cannot_carry_is_an_error_of_the_caller(value: Any) -> None:
    with pytest.raises((TypeError, OverflowError)):
        protocol.encode(Completion("1", value))


def test_json_value_is_embedded_as_a_value() -> None:
    encoded = protocol.encode(Invocation("Changed", [protocol.embed(b'{"bed": [1, null]}')]))
    assert msgpack.unpackb(encoded[1:]) == [1, {}, None, "Changed", [{"bed": [1, None]}], []]


def test_frames_are_cut_by_their_length_wherever_the_chunks_end() -> None:
    message = protocol.encode(Invocation("Say", ["x" * 200], "1"))
    framing = protocol.framing(limit=1000)
    received = [body for byte in message + message for body in framing.feed(bytes([byte]))]
    assert [plain(protocol.parse(body)) for body in received] == [Invocation("Say", ["x" * 200], "1", [])] * 2


def test_message_above_the_limit_is_refused_by_its_length_alone() -> None:
    with pytest.raises(MessageTooLarge):
        protocol.framing(limit=100).feed(bytes([101]))


ids = st.text(string.printable, min_size=1, max_size=20)
integers = st.integers(-(2**63), 2**64 - 1)
scalars = st.none() | st.booleans() | integers | st.floats(allow_nan=False) | st.text() | st.binary()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)
calls = [st.text(), st.lists(values, max_size=4)]
messages = st.one_of(
    st.builds(Invocation, *calls, st.none() | ids, st.lists(ids, max_size=3)),
    st.builds(StreamInvocation, *calls, ids, st.lists(ids, max_size=3)),
    st.builds(StreamItem, ids, values),
    st.builds(Completion, ids, values),
    st.builds(Completion, ids, error=st.text()),
    st.builds(Completion, ids),
    st.builds(CancelInvocation, ids),
    st.just(Ping()),
    st.builds(Close, st.none() | st.text(min_size=1), st.booleans()),
    st.builds(Ack, st.integers(0, 2**63)),
    st.builds(SequenceStart, st.integers(0, 2**63)),
)


@given(messages)
def test_message_comes_back_as_it_was_sent(message: Message) -> None:
    (body,) = protocol.framing(limit=2**31).feed(protocol.encode(message))
    assert plain(protocol.parse(body)) == plain(message)


@given(st.lists(messages, max_size=5))
def test_another_implementation_reads_what_is_written(sent: list[Message]) -> None:
    bodies = protocol.framing(limit=2**31).feed(b"".join(protocol.encode(each) for each in sent))
    assert len(bodies) == len(sent)
    for body in bodies:
        items = msgpack.unpackb(body)
        assert isinstance(items, list)
        assert msgpack.packb(items) == body


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_a_protocol_error(data: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        protocol.parse(data)


@given(st.binary(max_size=60), st.sampled_from([Any, int, str, datetime, UUID, list[int], Patient]))
def test_any_bytes_are_bound_or_refused(data: bytes, to: Any) -> None:
    # These are what binding takes for arguments that do not fit.
    with contextlib.suppress(ValueError, OverflowError, RecursionError):
        protocol.convert(data, to)
