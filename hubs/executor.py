"""Runs synchronous code, above all database work, in a bounded pool of threads of this process."""

import asyncio
import contextvars
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

from hubs.conf import hubs_settings

P = ParamSpec("P")
T = TypeVar("T")


@functools.cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(hubs_settings.DATABASE_THREADS, thread_name_prefix="hubs")


async def run(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls `function` in the pool and returns what it returns.

    Channels' own `database_sync_to_async` shares one thread among all sockets of a process, so that one
    slow query stops them all. Cancelling the wait does not stop the function: a write either happens
    whole or, when it had not started, not at all.
    """
    context = contextvars.copy_context()
    call = functools.partial(function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(
        _pool(), lambda: context.run(_with_connections_closed, call)
    )


def _with_connections_closed(call: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()
