import asyncio

import pytest

from hubs.executor import run
from hubs.feeds import log
from hubs.feeds.heads import Heads
from hubs.feeds.log import Head
from tests.hubs.feeds.events import record

pytestmark = pytest.mark.django_db(transaction=True)


async def test_all_who_ask_while_one_reading_runs_share_the_next(monkeypatch):
    await run(record, "ward:icu", "a", "b")
    readings = []
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    original = log.heads

    def reading(feeds):
        readings.append(sorted(feeds))
        loop.call_soon_threadsafe(begun.set)
        return original(feeds)

    monkeypatch.setattr(log, "heads", reading)
    heads = Heads()
    first = asyncio.create_task(heads.read("ward:icu"))
    await begun.wait()
    found = await asyncio.gather(first, *(heads.read(f"ward:{n % 3}") for n in range(300)))
    assert found[0] == Head(1, 0, 2)
    assert readings == [["ward:icu"], ["ward:0", "ward:1", "ward:2"]]


async def test_who_asks_later_is_never_given_an_older_number():
    heads = Heads()
    assert (await heads.read("ward:icu")).head == 0
    await run(record, "ward:icu", "a")
    assert (await heads.read("ward:icu")).head == 1


async def test_a_database_that_is_away_is_said_to_everybody_and_asked_again(monkeypatch):
    original = log.heads

    def away(feeds):
        raise OSError("away")

    heads = Heads()
    monkeypatch.setattr(log, "heads", away)
    answers = await asyncio.gather(*(heads.read("ward:icu") for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in answers] == [OSError] * 3
    monkeypatch.setattr(log, "heads", original)
    assert (await heads.read("ward:icu")).head == 0
