"""The JSON hub protocol: messages <-> bytes, the only place that knows SignalR's JSON spelling."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from hubs.errors import ProtocolError
from hubs.protocol import records
from hubs.protocol.framing import RECORD_SEPARATOR, TextFraming
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

NAME: Final = "json"
BINARY: Final = False


class _Wire(msgspec.Struct, rename="camel"):
    """Any message as it stands on the wire; a member of the wrong type fails, unknown ones are ignored."""

    type: int
    target: str | msgspec.UnsetType = ABSENT
    arguments: list[msgspec.Raw] | msgspec.UnsetType = ABSENT
    invocation_id: str | msgspec.UnsetType = ABSENT
    stream_ids: list[str] | msgspec.UnsetType | None = ABSENT
    item: msgspec.Raw | msgspec.UnsetType = ABSENT
    result: msgspec.Raw | msgspec.UnsetType = ABSENT
    error: str | msgspec.UnsetType | None = ABSENT
    allow_reconnect: bool | msgspec.UnsetType = ABSENT
    sequence_id: int | msgspec.UnsetType = ABSENT


class _Result(msgspec.Struct, rename="camel"):
    """The commonest message, which is worth a shape of its own."""

    type: int
    invocation_id: str
    result: Any


_decoder = msgspec.json.Decoder(_Wire)
# .NET writes decimals as numbers, and JavaScript expects numbers.
_encoder = msgspec.json.Encoder(decimal_format="number")


def framing(limit: int) -> TextFraming:
    return TextFraming(limit)


def parse(data: bytes) -> Message | None:
    """The message, or None for a type that this protocol does not know. Raises ProtocolError."""
    try:
        wire = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(str(error)) from error
    reader = _readers.get(wire.type)
    return reader(wire) if reader else None


def _given(value: Any, member: str) -> Any:
    if value is ABSENT:
        raise ProtocolError(f"The member {member!r} is missing.")
    return value


def _invocation(wire: _Wire) -> Invocation:
    return Invocation(
        target=_given(wire.target, "target"),
        arguments=_given(wire.arguments, "arguments"),
        # An empty id counts as none, as recorded.
        invocation_id=wire.invocation_id or None,
        stream_ids=wire.stream_ids or (),
    )


def _stream_invocation(wire: _Wire) -> StreamInvocation:
    return StreamInvocation(
        target=_given(wire.target, "target"),
        arguments=_given(wire.arguments, "arguments"),
        invocation_id=_given(wire.invocation_id, "invocationId"),
        stream_ids=wire.stream_ids or (),
    )


def _completion(wire: _Wire) -> Completion:
    error = wire.error or None
    if error is not None and wire.result is not ABSENT:
        raise ProtocolError("A completion has both a result and an error.")
    return Completion(_given(wire.invocation_id, "invocationId"), wire.result, error)


_readers: dict[int, Callable[[_Wire], Message]] = {
    1: _invocation,
    2: lambda wire: StreamItem(_given(wire.invocation_id, "invocationId"), _given(wire.item, "item")),
    3: _completion,
    4: _stream_invocation,
    5: lambda wire: CancelInvocation(_given(wire.invocation_id, "invocationId")),
    6: lambda wire: Ping(),
    7: lambda wire: Close(wire.error or None, wire.allow_reconnect is True),
    8: lambda wire: Ack(_given(wire.sequence_id, "sequenceId")),
    9: lambda wire: SequenceStart(_given(wire.sequence_id, "sequenceId")),
}


def encode(message: Message) -> bytes:
    """The message with its record separator. Raises TypeError for a value that JSON cannot carry."""
    if type(message) is Completion and message.error is None and message.result is not ABSENT:
        return _encoder.encode(_Result(3, message.invocation_id, message.result)) + RECORD_SEPARATOR
    return _encoder.encode(_members(message)) + RECORD_SEPARATOR


def _members(message: Message) -> dict[str, Any]:
    match message:
        case Invocation(target, arguments, invocation_id, stream_ids):
            return _call(1, target, arguments, invocation_id, stream_ids)
        case StreamInvocation(target, arguments, invocation_id, stream_ids):
            return _call(4, target, arguments, invocation_id, stream_ids)
        case StreamItem(invocation_id, item):
            return {"type": 2, "invocationId": invocation_id, "item": item}
        case Completion(invocation_id, result, error):
            return {"type": 3, "invocationId": invocation_id} | _outcome(result, error)
        case CancelInvocation(invocation_id):
            return {"type": 5, "invocationId": invocation_id}
        case Ping():
            return {"type": 6}
        case Close(error, allow_reconnect):
            closing: dict[str, Any] = {"type": 7}
            if error is not None:
                closing["error"] = error
            if allow_reconnect:
                closing["allowReconnect"] = True
            return closing
        case Ack(sequence_id):
            return {"type": 8, "sequenceId": sequence_id}
        case SequenceStart(sequence_id):
            return {"type": 9, "sequenceId": sequence_id}


def _call(
    number: int, target: str, arguments: Iterable[Any], invocation_id: str | None, stream_ids: Iterable[str]
) -> dict[str, Any]:
    call: dict[str, Any] = {"type": number}
    if invocation_id is not None:
        call["invocationId"] = invocation_id
    call["target"] = target
    call["arguments"] = list(arguments)
    if ids := list(stream_ids):
        call["streamIds"] = ids
    return call


def _outcome(result: Any, error: str | None) -> dict[str, Any]:
    if error is not None:
        return {"error": error}
    return {} if result is ABSENT else {"result": result}


def convert(value: Any, to: Any) -> Any:
    """A parsed argument, item or result as the type `to`. Raises msgspec.DecodeError or its subclasses."""
    if records.inside(to):
        return msgspec.convert(records.spelled(msgspec.json.decode(value), to), to)
    return msgspec.json.decode(value, type=to)


def embed(json_text: bytes) -> Any:
    """A value that is JSON already, ready to stand among the arguments of a message."""
    return msgspec.Raw(json_text)
