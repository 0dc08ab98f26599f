"""One frozen class a message type; printing one shows its type and ids, never a payload."""

from collections.abc import Sequence
from typing import Any

import msgspec

# Distinguishes "no result member" from a result that is null.
ABSENT = msgspec.UNSET


class _Message(msgspec.Struct, frozen=True):
    """A message whose repr cannot carry patient data or tokens into a log."""

    def __repr__(self) -> str:
        shown = [
            f"{name}={getattr(self, name)!r}"
            for name in ("invocation_id", "target", "sequence_id")
            if name in self.__struct_fields__
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


class Invocation(_Message, frozen=True):
    """A call of `target`. Without an id nothing is answered. Parsed arguments are still in wire form."""

    target: str
    arguments: Sequence[Any]
    invocation_id: str | None = None
    stream_ids: Sequence[str] = ()


class StreamInvocation(_Message, frozen=True):
    """A call whose answer is a stream of items."""

    target: str
    arguments: Sequence[Any]
    invocation_id: str
    stream_ids: Sequence[str] = ()


class StreamItem(_Message, frozen=True):
    """One item of the stream with that id; in wire form when parsed."""

    invocation_id: str
    item: Any


class Completion(_Message, frozen=True):
    """The end of a call or stream: with a result (possibly null), with an error text, or with neither."""

    invocation_id: str
    result: Any = ABSENT
    error: str | None = None


class CancelInvocation(_Message, frozen=True):
    """The client wants no more of the stream with that id."""

    invocation_id: str


class Ping(_Message, frozen=True):
    """I am still here."""


class Close(_Message, frozen=True):
    """The sender ends the connection."""

    error: str | None = None
    allow_reconnect: bool = False


class Ack(_Message, frozen=True):
    """Stateful reconnect: everything up to this number has arrived."""

    sequence_id: int


class SequenceStart(_Message, frozen=True):
    """SignalR's Sequence of stateful reconnect: the number of the first message that follows."""

    sequence_id: int


Message = (
    Invocation
    | StreamInvocation
    | StreamItem
    | Completion
    | CancelInvocation
    | Ping
    | Close
    | Ack
    | SequenceStart
)
