"""Upload streams: what a client sends into a running call, as an async iterator with back-pressure."""

import asyncio
from collections.abc import Callable
from typing import Any

from hubs.errors import STREAM_ITEM_NOT_BOUND, HubError

CAPACITY = 10


class UploadStream:
    """One stream of a call. A full buffer makes the connection's receive loop wait."""

    def __init__(self, convert: Callable[[Any, Any], Any], item_type: Any) -> None:
        self._convert = convert
        self._item_type = item_type
        self._items: asyncio.Queue[Any] = asyncio.Queue(CAPACITY)
        self._ended = False

    def __aiter__(self) -> "UploadStream":
        return self

    async def __anext__(self) -> Any:
        item = await self._items.get()
        if isinstance(item, _End):
            self.close()
            raise item.error or StopAsyncIteration
        return item

    @property
    def is_full(self) -> bool:
        return self._items.full()

    async def put(self, raw: Any) -> None:
        """Adds an item in wire form; one that does not bind fails the stream, not the connection."""
        if self._ended:
            return
        try:
            item = self._convert(raw, self._item_type)
        except (ValueError, OverflowError, RecursionError):
            await self.end(HubError(STREAM_ITEM_NOT_BOUND))
        else:
            await self._items.put(item)

    async def end(self, error: Exception | None = None) -> None:
        if not self._ended:
            self._ended = True
            await self._items.put(_End(error))

    async def fail(self, text: str) -> None:
        await self.end(HubError(text))

    def abort(self, error: Exception) -> None:
        """Ends the stream with an exception for whoever reads it; what has not been read is lost."""
        self.close()
        self._items.put_nowait(_End(error))

    def close(self) -> None:
        """Drops what is left, also for a receive loop that waits to add more."""
        self._ended = True
        while not self._items.empty():
            self._items.get_nowait()


class _End:
    def __init__(self, error: Exception | None) -> None:
        self.error = error
