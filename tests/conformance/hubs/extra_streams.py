"""The streams of ExtraHub, to the client, from it, and both ways."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import TypeVar

from hubs.actions import action
from hubs.errors import HubError
from hubs.hub import Hub
from tests.conformance import shared
from tests.conformance.hubs.calls import Int, Long
from tests.conformance.hubs.errors import InvalidOperationException

T = TypeVar("T")

ENDLESS_PAUSE = 0.01  # seconds


class ExtraStreams(Hub):
    """Calls that answer with a stream or take one."""

    @action
    async def counter(self, count: Int, ms: Int) -> AsyncIterator[int]:
        for number in range(count):
            if ms > 0:
                await asyncio.sleep(ms / 1000)
            yield number

    @action
    async def counter_then_throw(self, count: Int, hub: bool, message: str | None) -> AsyncIterator[int]:
        for number in range(count):
            yield number
        raise HubError(message) if hub else InvalidOperationException(message)

    @action
    async def endless(self, key: str) -> AsyncIterator[int]:
        await shared.write(key, "started")
        try:
            for number in itertools.count():
                yield number
                await asyncio.sleep(ENDLESS_PAUSE)
        finally:
            await shared.write(key, "cancelled")

    @action
    async def null_stream(self) -> AsyncIterator[int]:
        return None  # type: ignore[return-value]  # the mistake that this method is there to make

    @action
    async def sum(self, items: AsyncIterator[Long]) -> int:
        return sum(await _all(items))

    @action
    async def collect(self, items: AsyncIterator[str | None]) -> list[str | None]:
        return await _all(items)

    @action
    async def collect_behind_gate(self, key: str, items: AsyncIterator[Int]) -> list[Int]:
        await shared.write(key, "waiting")
        await shared.wait_for_gate(key)
        return await _all(items)

    @action
    async def count_bytes(self, items: AsyncIterator[bytes]) -> int:
        return sum(map(len, await _all(items)))

    @action
    async def two_streams(self, a: AsyncIterator[Int], between: str | None, b: AsyncIterator[Int]) -> str:
        # At once, because items of both come in any order and each buffer is small.
        first, second = await asyncio.gather(_all(a), _all(b))
        return "".join([*map(str, first), between or "", *map(str, second)])

    @action
    async def echo_stream(self, items: AsyncIterator[str | None], prefix: str | None) -> AsyncIterator[str]:
        async for item in items:
            yield f"{prefix or ''}{item or ''}"

    @action
    async def watch_upload(self, key: str, items: AsyncIterator[str | None]) -> None:
        try:
            async for item in items:
                await shared.write(key, f"item {item or ''}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is written down
            await shared.write(key, f"failed {error}")
        else:
            await shared.write(key, "complete")


async def _all(items: AsyncIterator[T]) -> list[T]:
    return [item async for item in items]
