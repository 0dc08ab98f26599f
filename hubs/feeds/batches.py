"""What goes out to cursors at the same place: events shaped for a view, merged, and encoded once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hubs.feeds import payloads
from hubs.feeds.cursors import Cursor, Position
from hubs.feeds.log import LoggedEvent
from hubs.outbox import MAXIMUM_BATCH
from hubs.protocol.messages import Invocation
from hubs.protocol.protocols import HubProtocol

if TYPE_CHECKING:
    from hubs.hub import Hub

# Bytes that a cursor is moved by at once; the rest follows when they have gone out.
MAXIMUM_MOVE = 262_144


class UnknownShape(Exception):
    """An event was written by another version of the program than the one that reads it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Encoded events, and where a cursor stands that has been sent them."""

    messages: list[bytes]
    # The same, joined to frames.
    frames: list[bytes]
    served: int
    told: int


def merged(events: Sequence[LoggedEvent]) -> list[LoggedEvent]:
    """Without those that a later event of the same name and merge key replaces; the order stays."""
    newest = {(event.name, event.merge_key): event.seq for event in events if event.merge_key}
    return [
        event for event in events if not event.merge_key or newest[event.name, event.merge_key] == event.seq
    ]


def shaped(hub: "type[Hub]", event: LoggedEvent, view: str) -> Any:
    """What a reader of that view gets to see; None for nothing. Raises UnknownShape."""
    declared = next((each for each in hub.events if each.__name__ == event.name), None)
    if declared is not None and payloads.schema_of(declared) != event.schema:
        raise UnknownShape
    return hub.shape(event, view)


def arguments_of(
    protocol: HubProtocol, place: Position, event: LoggedEvent, payload: Any
) -> tuple[Any, dict[str, Any]]:
    """The two arguments of the event's client method: its payload, and its place behind what was told."""
    envelope = {
        "feed": place.feed,
        "epoch": place.epoch,
        "after": place.seq,
        "seq": event.seq,
        "at": event.at,
    }
    return protocol.embed(payload) if isinstance(payload, bytes) else payload, envelope


def encode(cursor: Cursor, events: Sequence[LoggedEvent]) -> Batch:
    """The events for the cursor and for all others of the same hub, protocol, view and place."""
    protocol, hub = cursor.connection.protocol, cursor.connection.hub
    messages: list[bytes] = []
    size, told, served = 0, cursor.told, cursor.served
    for event in merged(events) if cursor.is_behind else events:
        payload = shaped(hub, event, cursor.grant.view)
        if payload is not None:
            place = Position(cursor.feed, cursor.epoch, told)
            arguments = arguments_of(protocol, place, event, payload)
            messages.append(protocol.encode(Invocation(event.name, arguments)))
            size, told = size + len(messages[-1]), event.seq
        served = event.seq
        if size >= MAXIMUM_MOVE:
            break
    return Batch(messages, _joined(messages), served, told)


def _joined(messages: list[bytes]) -> list[bytes]:
    frames: list[bytes] = []
    waiting: list[bytes] = []
    size = 0
    for message in messages:
        if waiting and size + len(message) > MAXIMUM_BATCH:
            frames.append(b"".join(waiting))
            waiting, size = [], 0
        waiting.append(message)
        size += len(message)
    if waiting:
        frames.append(b"".join(waiting))
    return frames
