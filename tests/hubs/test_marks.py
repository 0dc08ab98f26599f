import asyncio
import threading

import pytest

from hubs import directory
from hubs.directory import Entry
from hubs.executor import run
from hubs.marks import Marks
from hubs.models import Connection

pytestmark = pytest.mark.django_db(transaction=True)

DROPPED = 2_000


class Writes:
    """The UPDATEs: how many rows each was for; the first one waits until it may go on."""

    def __init__(self, monkeypatch) -> None:
        self.sizes: list[int] = []
        self.has_begun = asyncio.Event()
        self.may_end = threading.Event()
        self.fails = False
        end, loop = directory.end, asyncio.get_running_loop()

        def counted(*ids: str) -> None:
            self.sizes.append(len(ids))
            loop.call_soon_threadsafe(self.has_begun.set)
            self.may_end.wait(5)
            if self.fails:
                raise OSError("the database is away")
            end(*ids)

        monkeypatch.setattr(directory, "end", counted)


@pytest.fixture
async def writes(monkeypatch) -> Writes:
    return Writes(monkeypatch)


def open_rows(count: int) -> list[str]:
    ids = [f"connection-{number}" for number in range(count)]
    directory.heartbeat("here", "channel", [Entry(each, "hub", None, "WebSockets") for each in ids])
    return ids


def still_open() -> int:
    return Connection.objects.filter(ended_at=None).count()


async def test_all_that_end_while_a_row_is_written_are_one_write(writes):
    first, *others = await run(open_rows, DROPPED)
    endings = Marks(directory.end, "rows not ended yet")
    marking = [asyncio.ensure_future(endings.mark(first))]
    await writes.has_begun.wait()
    marking += [asyncio.ensure_future(endings.mark(each)) for each in others]
    writes.may_end.set()
    await asyncio.gather(*marking)
    assert writes.sizes == [1, DROPPED - 1]
    assert await run(still_open) == 0


async def test_who_marks_an_end_returns_when_it_is_written(writes):
    (only,) = await run(open_rows, 1)
    writes.may_end.set()
    await Marks(directory.end, "rows not ended yet").mark(only)
    assert await run(still_open) == 0


async def test_who_is_cancelled_meanwhile_takes_no_row_from_the_others(writes):
    endings = Marks(directory.end, "rows not ended yet")
    marking = [asyncio.ensure_future(endings.mark(each)) for each in await run(open_rows, 3)]
    await writes.has_begun.wait()
    marking[0].cancel()
    writes.may_end.set()
    await asyncio.gather(*marking[1:])
    await endings.settled()
    assert await run(still_open) == 0


async def test_what_the_database_did_not_take_is_kept_and_holds_nobody_up(writes, caplog):
    endings = Marks(directory.end, "rows not ended yet")
    writes.fails = True
    writes.may_end.set()
    async with asyncio.timeout(5):
        await asyncio.gather(*(endings.mark(each) for each in await run(open_rows, 3)))
    assert caplog.messages.count("rows not ended yet") == 1
    writes.fails = False
    endings.retry()
    await endings.settled()
    assert await run(still_open) == 0
