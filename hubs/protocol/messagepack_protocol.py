"""The MessagePack hub protocol: messages <-> bytes, the only place that knows SignalR's array layout."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from hubs.errors import ProtocolError
from hubs.protocol import records
from hubs.protocol.framing import BinaryFraming, with_prefix
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

NAME: Final = "messagepack"
BINARY: Final = True

# The result kinds of a completion.
ERROR, VOID, VALUE = 1, 2, 3


class _Any(msgspec.Struct, array_like=True):
    """Any message as far as its type; what stands behind the items of an array is ignored."""

    type: int


class _WithHeaders(_Any):
    headers: dict[str, str]


class _Invocation(_WithHeaders):
    invocation_id: str | None
    target: str
    arguments: list[msgspec.Raw]
    # The stock client leaves them out when there are none.
    stream_ids: list[str] | None = None


class _StreamInvocation(_WithHeaders):
    invocation_id: str
    target: str
    arguments: list[msgspec.Raw]
    stream_ids: list[str] | None = None


class _StreamItem(_WithHeaders):
    invocation_id: str
    item: msgspec.Raw


class _Completion(_WithHeaders):
    invocation_id: str
    kind: int
    value: msgspec.Raw | msgspec.UnsetType = ABSENT


class _CancelInvocation(_WithHeaders):
    invocation_id: str


class _Close(_Any):
    error: str | None
    allow_reconnect: bool | None = None


class _Numbered(_Any):
    sequence_id: int


_type_decoder = msgspec.msgpack.Decoder(_Any)
_encoder = msgspec.msgpack.Encoder()


def framing(limit: int) -> BinaryFraming:
    return BinaryFraming(limit)


def parse(data: bytes) -> Message | None:
    """The message, or None for a type that this protocol does not know. Raises ProtocolError."""
    try:
        read = _readers.get(_type_decoder.decode(data).type)
        return read(data) if read else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(str(error)) from error


def _reader(wire: type[Any], build: Callable[[Any], Message]) -> Callable[[bytes], Message]:
    decoder = msgspec.msgpack.Decoder(wire)
    return lambda data: build(decoder.decode(data))


def _invocation(wire: _Invocation) -> Invocation:
    # An empty id counts as none, as recorded.
    return Invocation(wire.target, wire.arguments, wire.invocation_id or None, wire.stream_ids or ())


def _stream_invocation(wire: _StreamInvocation) -> StreamInvocation:
    return StreamInvocation(wire.target, wire.arguments, wire.invocation_id, wire.stream_ids or ())


def _completion(wire: _Completion) -> Completion:
    if wire.kind == VOID:
        return Completion(wire.invocation_id)
    if wire.value is ABSENT or wire.kind not in (ERROR, VALUE):
        raise ProtocolError(f"A completion of kind {wire.kind} has not the items of one.")
    if wire.kind == VALUE:
        return Completion(wire.invocation_id, wire.value)
    return Completion(wire.invocation_id, error=msgspec.msgpack.decode(wire.value, type=str))


_readers: dict[int, Callable[[bytes], Message]] = {
    1: _reader(_Invocation, _invocation),
    2: _reader(_StreamItem, lambda wire: StreamItem(wire.invocation_id, wire.item)),
    3: _reader(_Completion, _completion),
    4: _reader(_StreamInvocation, _stream_invocation),
    5: _reader(_CancelInvocation, lambda wire: CancelInvocation(wire.invocation_id)),
    6: _reader(_Any, lambda wire: Ping()),
    7: _reader(_Close, lambda wire: Close(wire.error or None, wire.allow_reconnect is True)),
    8: _reader(_Numbered, lambda wire: Ack(wire.sequence_id)),
    9: _reader(_Numbered, lambda wire: SequenceStart(wire.sequence_id)),
}


def encode(message: Message) -> bytes:
    """The message behind its length. Raises TypeError for a value that MessagePack cannot carry."""
    return with_prefix(_encoder.encode(_items(message)))


def _items(message: Message) -> list[Any]:
    match message:
        case Invocation(target, arguments, invocation_id, stream_ids):
            return [1, {}, invocation_id, target, list(arguments), list(stream_ids)]
        case StreamItem(invocation_id, item):
            return [2, {}, invocation_id, item]
        case Completion(invocation_id, result, error):
            return [3, {}, invocation_id, *_outcome(result, error)]
        case StreamInvocation(target, arguments, invocation_id, stream_ids):
            return [4, {}, invocation_id, target, list(arguments), list(stream_ids)]
        case CancelInvocation(invocation_id):
            return [5, {}, invocation_id]
        case Ping():
            return [6]
        case Close(error, allow_reconnect):
            return [7, error, allow_reconnect]
        case Ack(sequence_id):
            return [8, sequence_id]
        case SequenceStart(sequence_id):
            return [9, sequence_id]


def _outcome(result: Any, error: str | None) -> list[Any]:
    if error is not None:
        return [ERROR, error]
    return [VOID] if result is ABSENT else [VALUE, result]


def convert(value: Any, to: Any) -> Any:
    """A parsed argument, item or result as the type `to`. Raises msgspec.DecodeError or its subclasses."""
    if records.inside(to):
        return msgspec.convert(records.spelled(msgspec.msgpack.decode(value), to), to)
    return msgspec.msgpack.decode(value, type=to)


def embed(json_text: bytes) -> Any:
    """A value that is JSON already, ready to stand among the arguments of a message."""
    return msgspec.json.decode(json_text)
