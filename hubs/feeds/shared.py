"""Answers that many ask for at once and that are made once: snapshots, and what was missed since a number."""

import asyncio
import functools
import inspect
import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from hubs.executor import run

T = TypeVar("T")

# Seconds for which an answer is kept: what changes without an event shows that much later.
KEPT = 30.0
MAXIMUM_KEPT = 256


class SharedAnswers:
    """The answers of one worker by what they depend on."""

    def __init__(self) -> None:
        # In the order of their ends.
        self._answers: dict[Hashable, tuple[float, asyncio.Task[Any]]] = {}

    async def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The answer of `make`, called in a thread at most once for all who ask with an equal key."""
        now = time.monotonic()
        self._forget(now)
        if key not in self._answers:
            task = asyncio.get_running_loop().create_task(run(make))
            self._answers[key] = (now + KEPT, task)
            task.add_done_callback(functools.partial(self._forget_failure, key))
        # Shielded: the first who asks may leave while others wait for the same answer.
        answer: T = await asyncio.shield(self._answers[key][1])
        return answer

    def _forget(self, now: float) -> None:
        for key, (until, _) in tuple(self._answers.items()):
            if until > now and len(self._answers) < MAXIMUM_KEPT:
                return
            del self._answers[key]

    def _forget_failure(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        """The next who asks tries again."""
        if task.cancelled() or task.exception() is not None:
            self._answers.pop(key, None)


def identity_of(function: Callable[..., Any]) -> Hashable | None:
    """What a call of the function depends on besides its arguments, None when that cannot be told.

    A closure or a bound method may know its user, and another user must not get that answer: only plain
    functions, and `partial` of them with hashable arguments, are the same function for everybody.
    """
    bound: tuple[Any, ...] = ()
    while isinstance(function, functools.partial):
        bound = (*bound, function.args, tuple(sorted(function.keywords.items(), key=lambda item: item[0])))
        function = function.func
    if not inspect.isfunction(function) or function.__closure__ is not None:
        return None
    try:
        hash(bound)
    except TypeError:
        return None
    return (function, bound)
