"""What the connections of a worker follow, written into their rows when it has changed, for the live list."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from hubs import directory
from hubs.executor import run

if TYPE_CHECKING:
    from hubs.connection import Connection

LONGEST = 500  # characters


class Follows:
    """What was written last. Once a sign of life: a write a subscription would cost too much in a storm."""

    def __init__(self) -> None:
        self._written: dict[str, str] = {}

    async def write(self, connections: Iterable["Connection"]) -> None:
        now = {each.id: _text(each) for each in connections}
        changed = {each: text for each, text in now.items() if self._written.get(each, "") != text}
        if changed:
            await run(directory.show_follows, changed)
        self._written = {each: text for each, text in now.items() if text}


def _text(connection: "Connection") -> str:
    """The names of its feeds are among those of its groups. Interned: a ward's screens follow the same."""
    return sys.intern(" ".join(sorted(connection.groups))[:LONGEST])
