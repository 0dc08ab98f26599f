"""The right of one connection to read one feed: which call it came from, and in which view."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hubs.errors import Forbidden
from hubs.permissions import may_call

if TYPE_CHECKING:
    from hubs.actions import Action
    from hubs.hub import Hub


@dataclass(frozen=True, slots=True)
class Grant:
    """Given by an action whose permission classes have passed; `action` is None for `on_connected`.

    What a reader of this view may see of an event is for the hub's `shape` to say.
    """

    hub: "Hub"
    view: str
    action: "Action | None" = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    async def is_valid(self) -> bool:
        """Asks the permission classes again, with the same arguments and the user as they are now."""
        try:
            return await may_call(self.hub, self.action, self.arguments)
        except Forbidden:  # a class may say in its own words why not
            return False
