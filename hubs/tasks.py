"""Tasks that end with whoever started them, also where a library swallows a cancellation."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterable
from typing import Any

AGAIN = 1.0  # seconds


async def first_to_end(*work: Coroutine[Any, Any, Any]) -> None:
    """Runs all until one ends, ends the others, and raises what it has raised.

    Not a TaskGroup: it cancels its tasks once, and waits for ever where redis-py swallows that.
    """
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await end(tasks)
    for task in ended:
        task.result()


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancels until all have ended: redis-py can swallow a cancellation that meets it connecting."""
    pending = all_of_them = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        # Who is cancelled in here is ending already.
        with contextlib.suppress(asyncio.CancelledError):
            _, pending = await asyncio.wait(pending, timeout=AGAIN)
    for task in all_of_them:
        # What they raise in ending is nobody's any more; unread it would be logged as an error.
        if not task.cancelled():
            task.exception()
