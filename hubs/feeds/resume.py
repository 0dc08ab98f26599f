"""What a client that comes back has missed: the events behind what it holds, or the word to reload."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hubs.feeds import batches, log
from hubs.feeds.cursors import Position
from hubs.feeds.log import Head, LoggedEvent
from hubs.protocol.protocols import HubProtocol

if TYPE_CHECKING:
    from hubs.hub import Hub

# More than this, and the rows as they are now are less than what happened since.
MAXIMUM_MISSED = log.READ_AT_ONCE

# The answer that says: what you hold cannot be brought up to date, subscribe again.
RELOAD = {"resync": True}


@dataclass(frozen=True, slots=True)
class Missed:
    """Events with what a reader of one view may see of them."""

    seq: int
    events: Sequence[tuple[LoggedEvent, Any]]


def can_resume(head: Head, held: Position) -> bool:
    """Whether the log still says everything that happened since the number that the client holds."""
    return (
        held.epoch == head.epoch
        and head.floor <= held.seq <= head.head
        and head.head - held.seq <= MAXIMUM_MISSED
    )


def missed(hub: "type[Hub]", view: str, held: Position, up_to: int) -> Missed | None:
    """What stands in the log behind `held`, each event asked for by itself; None where something is gone."""
    events = log.events_after({held.feed: held.seq})[held.feed] if held.seq < up_to else []
    if [event.seq for event in events[: up_to - held.seq]] != list(range(held.seq + 1, up_to + 1)):
        return None
    try:
        seen = [(event, batches.shaped(hub, event, view)) for event in events]
    except batches.UnknownShape:
        return None
    return Missed(events[-1].seq if events else held.seq, [each for each in seen if each[1] is not None])


def answer(protocol: HubProtocol, held: Position, found: Missed) -> dict[str, Any]:
    """The events as the calls that they would have been: client method and its two arguments."""
    events = []
    told = held
    for event, payload in found.events:
        arguments = batches.arguments_of(protocol, told, event, payload)
        events.append({"target": event.name, "arguments": arguments})
        told = Position(held.feed, held.epoch, event.seq)
    return {"resync": False, "feed": held.feed, "epoch": held.epoch, "seq": found.seq, "events": events}
