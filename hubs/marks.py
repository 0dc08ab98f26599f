"""Marks rows of connections: one UPDATE for all that ask for it while the one before is written.

When a network fails a worker loses thousands at once, and those who come back must not stand behind as many
writes.
"""

import asyncio
import logging
from collections.abc import Callable

from hubs.executor import run

logger = logging.getLogger("hubs")

SETTLED_WITHIN = 2.0  # seconds that a worker which goes down waits for the last rows


class Marks:
    """The rows of one worker that are still to be marked. `write` takes their ids and runs in a thread."""

    def __init__(self, write: Callable[..., None], complaint: str) -> None:
        self._mark_rows = write
        # What the log says when the database did not take them.
        self._complaint = complaint
        self._ids: set[str] = set()
        self._written: asyncio.Future[None] | None = None
        self._writing: asyncio.Task[None] | None = None

    async def mark(self, connection_id: str) -> None:
        """Returns when the row is marked, or when the database is away: then `retry` does it later."""
        if self._written is None:
            self._written = asyncio.get_running_loop().create_future()
        written = self._written
        self._ids.add(connection_id)
        self.retry()
        # Shielded: whoever is cancelled must not take the news from the others.
        await asyncio.shield(written)

    def retry(self) -> None:
        """Writes what is left, unless that is being done."""
        if self._ids and self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def settled(self) -> None:
        """Waits for what is being written."""
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=SETTLED_WITHIN)

    async def _write(self) -> None:
        try:
            while self._ids:
                ids, self._ids = self._ids, set()
                written, self._written = self._written, None
                try:
                    await run(self._mark_rows, *ids)
                except Exception as error:  # noqa: BLE001 - a database may fail in any way
                    logger.warning(self._complaint, extra={"rows": len(ids), "reason": type(error).__name__})
                    self._ids |= ids
                    return
                finally:
                    _tell(written)
        finally:
            self._writing = None
            _tell(self._written)
            self._written = None


def _tell(written: asyncio.Future[None] | None) -> None:
    if written is not None and not written.done():
        written.set_result(None)
