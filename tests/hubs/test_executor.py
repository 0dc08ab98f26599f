import asyncio
import contextvars
import threading

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import translation

from hubs.executor import run


async def test_the_function_runs_in_another_thread_and_its_result_comes_back():
    def where(*args, **kwargs):
        return threading.current_thread().name, args, kwargs

    name, args, kwargs = await run(where, 1, two=2)
    assert name.startswith("hubs")
    assert (args, kwargs) == ((1,), {"two": 2})


async def test_an_exception_comes_back_as_it_is():
    def fail():
        raise LookupError("x")

    with pytest.raises(LookupError, match="x"):
        await run(fail)


async def test_the_context_of_the_caller_is_seen():
    variable = contextvars.ContextVar("variable", default="outside")
    variable.set("inside")
    assert await run(variable.get) == "inside"


@pytest.mark.django_db(transaction=True)
async def test_no_database_connection_stays_open():
    def query():
        get_user_model().objects.count()
        return connection

    used = await run(query)
    assert used.connection is None


@pytest.mark.django_db(transaction=True)
async def test_the_connection_is_closed_after_an_exception_as_well():
    used = []

    def query():
        get_user_model().objects.count()
        used.append(connection)
        raise LookupError

    with pytest.raises(LookupError):
        await run(query)
    assert used[0].connection is None


async def test_one_slow_function_does_not_hold_another():
    gate = threading.Event()
    slow = asyncio.ensure_future(run(gate.wait, 5))
    assert await run(lambda: "quick") == "quick"
    assert not slow.done()
    gate.set()
    assert await slow


async def test_a_write_that_has_started_is_done_whole_though_its_caller_is_cancelled():
    started, gate, done = threading.Event(), threading.Event(), threading.Event()

    def write():
        started.set()
        gate.wait(5)
        done.set()

    caller = asyncio.ensure_future(run(write))
    await run(started.wait, 5)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    gate.set()
    assert await run(done.wait, 5)


async def test_a_call_runs_in_the_language_of_its_caller():
    with translation.override("de"):
        german = await run(translation.get_language)
    assert (german, await run(translation.get_language)) == ("de", translation.get_language())
