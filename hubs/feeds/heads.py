"""Reads where feeds stand for those who want to follow them: one query for all who ask at the same time."""

import asyncio

from hubs.executor import run
from hubs.feeds import log
from hubs.feeds.log import Head

NO_EVENTS = Head(epoch=1, floor=0, head=0)


class Heads:
    """The questions of one worker."""

    def __init__(self) -> None:
        self._asked: dict[str, asyncio.Future[Head]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def read(self, feed: str) -> Head:
        """Where the feed stands, read after this call began; a feed without a row has had no event."""
        if (future := self._asked.get(feed)) is None:
            future = self._asked[feed] = asyncio.get_running_loop().create_future()
        if self._reading is None:
            self._reading = asyncio.get_running_loop().create_task(self._read())
        # Shielded: who gives up must not take the answer from those who wait for the same feed.
        return await asyncio.shield(future)

    async def _read(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                await _answer(asked)
        finally:
            self._reading = None


async def _answer(asked: dict[str, asyncio.Future[Head]]) -> None:
    try:
        heads = await run(log.heads, list(asked))
    except Exception as error:  # noqa: BLE001 - whatever the database raises belongs to those who asked
        for future in asked.values():
            future.set_exception(error)
            future.exception()  # read here, or asyncio complains where all who asked have given up
        return
    for feed, future in asked.items():
        future.set_result(heads.get(feed, NO_EVENTS))
