"""Whatever arrives, the pure functions of the protocol raise what they declare and nothing else."""

import functools
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hubs import connection_tokens, errors
from hubs.errors import BindingError, HandshakeError, NegotiationError, ProtocolError
from hubs.protocol import handshake, negotiation
from hubs.protocol.messages import (
    ABSENT,
    Ack,
    Completion,
    Invocation,
    Message,
    SequenceStart,
    StreamInvocation,
    StreamItem,
)
from hubs.protocol.protocols import PROTOCOLS, HubProtocol
from hubs.protocol.reliable import Reliable
from tests.conformance.hubs.echo import EchoHub
from tests.fuzz import corpus
from tests.fuzz.mutation import chunks, mutated

SEED = 20
LIMIT = 32_768
VERSIONS = (b"0", b"1", b"2", b"-1", b"abc", b"", b"1.0", b" 1 ", b"+1", b"\xd9\xa1")
TOKENS = (b"a" * 73, b"A-_9" * 18, connection_tokens.new_connection_id().encode())
COUNTS = [2_000, pytest.param(100_000, marks=pytest.mark.long)]


def each_mutated(count: int, seeds: tuple[bytes, ...]) -> Iterator[tuple[random.Random, bytes]]:
    chance = random.Random(SEED)
    for _ in range(count):
        yield chance, mutated(chance, seeds)


def survives(data: bytes, declared: tuple[type[Exception], ...], work: Callable[..., Any], *args: Any) -> Any:
    """The result, None after a declared exception; another one shows the input that brought it."""
    try:
        return work(*args)
    except declared:
        return None
    except Exception as error:
        raise AssertionError(f"{type(error).__name__} from {data!r}") from error


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("name", ["json", "messagepack"])
def test_a_mutated_frame_brings_declared_exceptions_only(name: str, count: int) -> None:
    protocol = PROTOCOLS[name]
    understood = 0
    for chance, data in each_mutated(count, corpus.frames(name)):
        for body in framed(protocol, chance, data):
            message = survives(data, (ProtocolError,), protocol.parse, body)
            understood += message is not None
            handle(protocol, message, data)
    # A fuzzer of which nothing gets through tries nothing.
    assert understood > count / 10


def framed(protocol: HubProtocol, chance: random.Random, data: bytes) -> Iterator[bytes]:
    framing = protocol.framing(LIMIT)
    for chunk in chunks(chance, data):
        bodies = survives(data, (ProtocolError,), framing.feed, chunk)
        if bodies is None:
            return
        yield from bodies


def handle(protocol: HubProtocol, message: Message | None, data: bytes) -> None:
    """What the dispatcher does with a message before an action runs."""
    match message:
        case Invocation() | StreamInvocation():
            bind(protocol, message, data)
        case StreamItem(_, raw):
            convert(protocol, raw, data)
        case Completion(_, result, None) if result is not ABSENT:
            convert(protocol, result, data)
        case Ack(number):
            survives(data, (ProtocolError,), Reliable(100).acknowledged, number)
        case SequenceStart(number):
            survives(data, (ProtocolError,), Reliable(100).sequence, number)


def bind(protocol: HubProtocol, message: Invocation | StreamInvocation, data: bytes) -> None:
    actions = EchoHub.actions()
    named = actions.get(message.target)
    for action in [named] if named else actions:
        survives(data, (BindingError,), action.bind, message.arguments, protocol.convert)
    refusal = Completion(message.invocation_id or "", error=errors.unknown_method(message.target))
    survives(data, (), protocol.encode, refusal)


def convert(protocol: HubProtocol, raw: Any, data: bytes) -> None:
    """As an upload's item or a client's result."""
    for to in (int, str, bytes, list[int], dict[str, float]):
        survives(data, (ValueError, OverflowError, RecursionError), protocol.convert, raw, to)


@pytest.mark.parametrize("count", COUNTS)
def test_a_mutated_handshake_is_understood_or_answered(count: int) -> None:
    for _, data in each_mutated(count, corpus.handshakes()):
        answer = survives(data, (), answer_to, data.partition(b"\x1e")[0])
        assert handshake.parse_response(handshake.encode_response(answer)[:-1]) == answer


def answer_to(request: bytes) -> str:
    try:
        return errors.protocol_not_supported(handshake.parse_request(request).protocol)
    except HandshakeError as error:
        return str(error)


@pytest.mark.parametrize("count", COUNTS)
def test_a_mutated_negotiation_is_understood_or_answered(count: int) -> None:
    for _, data in each_mutated(count, VERSIONS):
        wanted = data.decode(errors="surrogateescape")
        survives(data, (NegotiationError,), negotiation.chosen_version, wanted)


@pytest.mark.parametrize("count", COUNTS)
def test_no_mutated_token_is_a_connection_token(count: int) -> None:
    _, good = connection_tokens.issue(hub="/hubs/echo", user=None, version=1)
    read = functools.partial(connection_tokens.read, hub="/hubs/echo", user=None)
    for _, data in each_mutated(count, (*TOKENS, good.encode())):
        token = data.decode(errors="replace")
        assert token == good or survives(data, (), read, token) is None
