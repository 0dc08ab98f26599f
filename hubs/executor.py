"""Runs synchronous code, above all database work, in a bounded pool of threads of this process."""

import asyncio
import contextvars
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections
from django.utils import translation

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
    whole or, when it had not started, not at all. The language is that of the caller.
    """
    context = contextvars.copy_context()
    # Django's stays with the thread in which it was set, whatever context goes to another one.
    language = translation.get_language()
    call = functools.partial(function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(
        _pool(), lambda: context.run(_with_connections_closed, call, language)
    )


def _with_connections_closed(call: Callable[[], T], language: str | None) -> T:
    close_old_connections()
    if language is not None:
        # Not taken back: the context is a copy, and ends with the call.
        translation.activate(language)
    try:
        return call()
    finally:
        close_old_connections()
