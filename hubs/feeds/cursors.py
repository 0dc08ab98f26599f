"""Places in feeds: numbers that snapshots carry, and how far a connection has been served."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from hubs.feeds.grants import Grant

if TYPE_CHECKING:
    from hubs.connection import Connection


class Position(msgspec.Struct, frozen=True):
    """A place in a feed: everything up to `seq` is included."""

    feed: str
    epoch: int
    seq: int


@dataclass(slots=True, eq=False)
class Cursor:
    """A place in a feed. It moves only once it is `active`, and never while its socket is backed up."""

    connection: "Connection"
    feed: str
    epoch: int
    # Everything up to here has been sent, merged away, or withheld from this reader.
    served: int
    grant: Grant
    # The last number that the client was told; less than `served` where events were withheld.
    told: int = -1
    active: bool = False
    # Was backed up and has not caught up yet: what it missed is merged.
    is_behind: bool = False
    # Rights were read when it was made, also where the pump has not succeeded yet.
    made_at: float = 0.0

    def __post_init__(self) -> None:
        self.told = self.served
        self.made_at = time.monotonic()
