"""Where a connection is in its life, and every legal step from there."""

from collections.abc import Mapping
from enum import Enum, auto


class State(Enum):
    """Where a connection is in its life."""

    HANDSHAKE = auto()
    OPEN = auto()
    CLOSING = auto()  # Close is queued; nothing that still arrives is read
    CLOSED = auto()


# Every legal step; a step that is not here is ignored, so that the first reason to close wins.
TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.HANDSHAKE: frozenset({State.OPEN, State.CLOSED}),
    State.OPEN: frozenset({State.CLOSING, State.CLOSED}),
    State.CLOSING: frozenset({State.CLOSED}),
    State.CLOSED: frozenset(),
}
