"""The streams of EchoHub, to the client, from it, and both ways."""

import asyncio
from collections.abc import AsyncIterator

from hubs.actions import action
from hubs.errors import HubError
from hubs.hub import Hub
from tests.conformance.hubs.calls import Int

PAUSE = 0.005  # seconds between two items


class Streams(Hub):
    """Calls that answer with a stream or take one."""

    @action
    async def count(self, n: Int) -> AsyncIterator[int]:
        for i in range(n):
            yield i
            await asyncio.sleep(PAUSE)

    @action
    async def count_then_throw(self, n: Int) -> AsyncIterator[int]:
        for i in range(n):
            yield i
        raise HubError("stream broke")

    @action
    async def count_then_fail(self, n: Int) -> AsyncIterator[int]:
        for i in range(n):
            yield i
        raise RuntimeError("secret detail")

    @action
    async def stream_refused(self, text: str) -> AsyncIterator[int]:
        raise HubError(text)

    @action
    async def words(self, words: list[str | None]) -> AsyncIterator[str | None]:
        for word in words:
            yield word

    @action
    async def endless(self) -> AsyncIterator[int]:
        yield 1
        try:
            await asyncio.Event().wait()
        finally:
            await self.clients.caller.send("StreamCanceled")

    @action
    async def sum(self, items: AsyncIterator[Int]) -> int:
        return await _sum(items)

    @action
    async def concat(self, separator: str, items: AsyncIterator[str]) -> str:
        return separator.join([item async for item in items])

    @action
    async def two_streams(self, first: AsyncIterator[Int], between: str, second: AsyncIterator[Int]) -> str:
        return f"{await _sum(first)}{between}{await _sum(second)}"

    @action
    async def take_first(self, items: AsyncIterator[Int]) -> int:
        return await anext(items)

    @action
    async def doubled(self, items: AsyncIterator[Int]) -> AsyncIterator[int]:
        async for item in items:
            yield 2 * item


async def _sum(items: AsyncIterator[Int]) -> int:
    return sum([item async for item in items])
