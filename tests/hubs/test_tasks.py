import asyncio

import pytest

from hubs import tasks


async def for_ever() -> None:
    await asyncio.Event().wait()


async def swallows_its_first_cancellation() -> None:
    try:
        await for_ever()
    except asyncio.CancelledError:
        await for_ever()


async def fails() -> None:
    raise LookupError


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(tasks, "AGAIN", 0.01)


async def test_what_one_of_them_raises_is_raised_when_all_have_ended():
    other = asyncio.ensure_future(swallows_its_first_cancellation())
    with pytest.raises(LookupError):
        await tasks.first_to_end(other, fails())
    assert other.done()


async def test_whoever_is_cancelled_ends_what_swallows_a_cancellation():
    other = asyncio.ensure_future(swallows_its_first_cancellation())
    whole = asyncio.ensure_future(tasks.first_to_end(other, for_ever()))
    await asyncio.wait([whole], timeout=0.01)
    await tasks.end([whole])
    assert whole.cancelled()
    assert other.done()
