"""What all workers of the conformance server share, in Redis: journals, gates, the counter of redirects."""

import asyncio
import functools

from django.conf import settings
from redis.asyncio import Redis

LOOK_AGAIN = 0.02  # seconds


@functools.cache
def _redis() -> "Redis":
    return Redis.from_url(settings.REDIS_URL, decode_responses=True)


async def write(key: str, line: str) -> None:
    """Adds a line to the journal of that key."""
    await _redis().rpush(f"journal:{key}", line)


async def lines(key: str) -> list[str]:
    """The journal of that key, in the order of writing."""
    return [str(line) for line in await _redis().lrange(f"journal:{key}", 0, -1)]


async def open_gate(key: str) -> None:
    """Opens it for good."""
    await _redis().set(f"gate:{key}", "open")


async def wait_for_gate(key: str) -> None:
    while not await _redis().exists(f"gate:{key}"):  # noqa: ASYNC110 - the gate may be opened in another process
        await asyncio.sleep(LOOK_AGAIN)


async def next_redirect() -> int:
    """The number of redirects so far, this one included."""
    return int(await _redis().incr("redirects"))
