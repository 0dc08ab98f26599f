"""The right of one connection to read one feed: which call it came from, in which view, and until when."""

import dataclasses
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hubs.errors import Forbidden
from hubs.permissions import may_call

if TYPE_CHECKING:
    from hubs.actions import Action
    from hubs.hub import Hub

FOR_EVER = float("inf")


@dataclass(frozen=True, slots=True)
class Grant:
    """Given by an action whose permission classes have passed; `action` is None for `on_connected`.

    What a reader of this view may see of an event is for the hub's `shape` to say.
    """

    hub: "Hub"
    view: str
    action: "Action | None" = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    # Of time.monotonic(): from then on nothing is read by this grant until it has been asked for again.
    deadline: float = FOR_EVER

    async def renewed(self) -> "Grant | None":
        """Asks the permission classes again, with the same arguments and the user as they are now."""
        deadlines: list[datetime] = []
        # Read first: what the asking takes makes the deadline earlier, never later.
        monotonic, now = time.monotonic(), datetime.now(UTC)
        try:
            if not await may_call(self.hub, self.action, self.arguments, deadlines):
                return None
        except Forbidden:  # a class may say in its own words why not
            return None
        # A time that has passed already was no news to the class that has just answered.
        left = [seconds for at in deadlines if (seconds := (at - now).total_seconds()) > 0]
        return dataclasses.replace(self, deadline=monotonic + min(left, default=FOR_EVER))

    @property
    def is_due(self) -> bool:
        """Whether it is to be asked for again before anything is read by it."""
        return self.deadline < FOR_EVER and time.monotonic() >= self.deadline
