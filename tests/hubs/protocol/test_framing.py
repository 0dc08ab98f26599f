import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubs.errors import MessageTooLarge, ProtocolError
from hubs.protocol.framing import BinaryFraming, TextFraming, with_prefix

LIMIT = 100


@pytest.mark.parametrize(
    ("chunks", "messages"),
    [
        ([b"a\x1e"], [[b"a"]]),
        ([b"a\x1eb\x1e"], [[b"a", b"b"]]),
        ([b"a", b"b\x1e"], [[], [b"ab"]]),
        ([b"a\x1eb", b"c\x1e"], [[b"a"], [b"bc"]]),
        ([b"a", b"\x1e"], [[], [b"a"]]),
        ([b""], [[]]),
        ([b"\x1e"], [[b""]]),
    ],
)
def test_a_record_separator_ends_a_message(chunks, messages):
    framing = TextFraming(LIMIT)
    assert [framing.feed(chunk) for chunk in chunks] == messages


def test_what_is_not_complete_can_be_seen():
    framing = TextFraming(LIMIT)
    framing.feed(b"a\x1ebc")
    assert framing.rest == b"bc"


def test_a_message_at_the_limit_passes():
    assert TextFraming(LIMIT).feed(b"x" * LIMIT + b"\x1e") == [b"x" * LIMIT]


@pytest.mark.parametrize(
    "data", [b"x" * (LIMIT + 1) + b"\x1e", b"x" * (LIMIT + 1), b"\x1e" + b"x" * (LIMIT + 1)]
)
def test_a_message_over_the_limit_is_refused_complete_or_not(data):
    with pytest.raises(MessageTooLarge, match="larger than 100 bytes"):
        TextFraming(LIMIT).feed(data)


def test_a_message_that_grows_over_the_limit_chunk_by_chunk_is_refused():
    framing = TextFraming(LIMIT)
    framing.feed(b"x" * LIMIT)
    with pytest.raises(MessageTooLarge):
        framing.feed(b"x")


def test_many_small_messages_in_one_chunk_may_be_larger_than_the_limit():
    assert len(TextFraming(LIMIT).feed(b"x\x1e" * LIMIT)) == LIMIT


bodies = st.lists(st.binary(max_size=LIMIT).map(lambda data: data.replace(b"\x1e", b"")), max_size=6)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(bodies, st.lists(st.integers(0, 10_000), max_size=5))
def test_text_survives_any_cut(messages, places):
    framing = TextFraming(LIMIT)
    chunks = cut(b"".join(message + b"\x1e" for message in messages), places)
    assert [message for chunk in chunks for message in framing.feed(chunk)] == messages


@given(st.lists(st.binary(max_size=LIMIT * 2), max_size=6), st.lists(st.integers(0, 10_000), max_size=5))
def test_binary_survives_any_cut(messages, places):
    framing = BinaryFraming(LIMIT * 2)
    chunks = cut(b"".join(map(with_prefix, messages)), places)
    assert [message for chunk in chunks for message in framing.feed(chunk)] == messages


@pytest.mark.parametrize(
    ("length", "prefix"),
    [
        (0, b"\x00"),
        (1, b"\x01"),
        (127, b"\x7f"),
        (128, b"\x80\x01"),
        (16_383, b"\xff\x7f"),
        (16_384, b"\x80\x80\x01"),
    ],
)
def test_a_length_is_written_in_groups_of_seven_bits(length, prefix):
    assert with_prefix(bytes(length)) == prefix + bytes(length)


def test_binary_starts_with_what_came_behind_the_handshake():
    assert BinaryFraming(LIMIT, b"\x02a").feed(b"b") == [b"ab"]


@pytest.mark.parametrize("prefix", [b"\x65", b"\xff\xff\xff\xff\x07"])
def test_a_binary_message_over_the_limit_is_refused_before_it_has_come(prefix):
    with pytest.raises(MessageTooLarge):
        BinaryFraming(LIMIT).feed(prefix)


@pytest.mark.parametrize(
    "prefix", [b"\xff\xff\xff\xff\xff", b"\x80\x80\x80\x80\x80\x01", b"\xff\xff\xff\xff\x08"]
)
def test_a_length_beyond_31_bits_breaks_the_protocol(prefix):
    with pytest.raises(ProtocolError, match="length prefix"):
        BinaryFraming(LIMIT).feed(prefix)


def test_a_prefix_that_is_not_complete_waits():
    framing = BinaryFraming(1000)
    assert framing.feed(b"\x80") == []
    assert framing.feed(b"\x01" + bytes(128)) == [bytes(128)]
