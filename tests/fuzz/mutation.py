"""Makes of a good input one that is slightly, or not so slightly, broken."""

import random
from collections.abc import Callable, Sequence

MOST_CHANGES = 6
LONGEST_PIECE = 40
# What parsers stumble over: ends, nesting, numbers out of range, half characters, lengths too large.
PIECES = (
    b"\x1e",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"2147483648",
    b"9" * 400,
    b'""',
    b'"\\ud800"',
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"{}",
    b"[]",
    b"[" * 3_000,
    b'{"type":1,' * 3,
    b'"type":',
    b'"invocationId":',
    b'"streamIds":["1"],',
    b"\x00",
    b"\xc0",
    b"\xc1",
    b"\xc4\xff",
    b"\xdb\xff\xff\xff\xff",
    b"\xdd\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\x91" * 3_000,
    b"\xd6\xff\x00\x00\x00\x00",
    b"\xcf" + b"\xff" * 8,
    b"\x80\x80\x80\x80\x80\x80",
)

Change = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


def mutated(chance: random.Random, corpus: Sequence[bytes]) -> bytes:
    """One of the corpus after a few changes."""
    data = chance.choice(corpus)
    for _ in range(chance.randint(1, MOST_CHANGES)):
        data = chance.choice(CHANGES)(chance, data, corpus)
    return data


def chunks(chance: random.Random, data: bytes) -> list[bytes]:
    """The same bytes in one to four pieces."""
    places = sorted(chance.randint(0, len(data)) for _ in range(chance.randint(0, 3)))
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


def _piece(chance: random.Random, data: bytes) -> tuple[int, int]:
    start = chance.randint(0, len(data))
    return start, min(len(data), start + chance.randint(1, LONGEST_PIECE))


def _flip_a_bit(chance: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    if not data:
        return data
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def _replace_a_byte(chance: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    place = chance.randint(0, len(data))
    return data[:place] + chance.randbytes(1) + data[place + 1 :]


def _remove(chance: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    start, end = _piece(chance, data)
    return data[:start] + data[end:]


def _repeat(chance: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    start, end = _piece(chance, data)
    return data[:end] + data[start:]


def _insert(chance: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    place = chance.randint(0, len(data))
    return data[:place] + chance.choice(PIECES) + data[place:]


def _replace(chance: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    start, end = _piece(chance, data)
    return data[:start] + chance.choice(PIECES) + data[end:]


def _cut_short(chance: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    return data[: chance.randint(0, len(data))]


def _splice(chance: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    other = chance.choice(corpus)
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(other)) :]


CHANGES: tuple[Change, ...] = (
    _flip_a_bit,
    _replace_a_byte,
    _remove,
    _repeat,
    _insert,
    _replace,
    _cut_short,
    _splice,
)
