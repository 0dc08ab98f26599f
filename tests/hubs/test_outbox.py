import asyncio
from functools import partial

import pytest

from hubs.outbox import MAXIMUM_BATCH, Flusher, Outbox

LIMIT = 200_000


class Reader:
    """What is written to it, frame by frame; stops taking when told, fails when told."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.takes = asyncio.Event()
        self.takes.set()
        self.error: Exception | None = None
        self.closed = self.broken = 0

    async def write(self, data: bytes) -> None:
        await self._ready()
        self.frames.append(data)

    async def close(self) -> None:
        await self._ready()
        self.closed += 1

    def on_broken(self) -> None:
        self.broken += 1

    async def _ready(self) -> None:
        if not self.takes.is_set():
            await self.takes.wait()
        if self.error is not None:
            raise self.error


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def outbox(reader) -> Outbox:
    return Outbox(flusher=Flusher(), write=reader.write, limit=LIMIT, on_broken=reader.on_broken)


async def turn(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_what_is_put_in_one_turn_goes_out_as_one_frame(outbox, reader):
    for data in (b"a", b"b", b"c"):
        outbox.put(data)
    await turn()
    outbox.put(b"d")
    await turn()
    assert reader.frames == [b"abc", b"d"]


async def test_a_batch_ends_at_64_kib_and_a_larger_message_goes_alone(outbox, reader):
    small, large = b"s" * (MAXIMUM_BATCH // 2), b"l" * (MAXIMUM_BATCH + 1)
    for data in (small, small, small, large):
        outbox.put(data)
    await turn()
    assert reader.frames == [small * 2, small, large]


async def test_behind_a_slow_reader_messages_gather_in_their_order(outbox, reader):
    reader.takes.clear()
    for number in range(5):
        outbox.put(b"%d" % number)
        await turn()
    assert reader.frames == []
    reader.takes.set()
    await turn()
    assert reader.frames == [b"0", b"1234"]


async def test_who_puts_never_waits_and_others_are_served(reader):
    flusher, slow = Flusher(), Reader()
    slow.takes.clear()
    blocked = Outbox(flusher=flusher, write=slow.write, limit=LIMIT, on_broken=slow.on_broken)
    quick = Outbox(flusher=flusher, write=reader.write, limit=LIMIT, on_broken=reader.on_broken)
    blocked.put(b"x")
    quick.put(b"y")
    await turn()
    assert (slow.frames, reader.frames) == ([], [b"y"])
    blocked.discard()
    await turn()


async def test_DS_3_a_reader_that_is_too_slow_is_given_up_once_and_what_waits_is_dropped(outbox, reader):
    reader.takes.clear()
    for _ in range(10):
        outbox.put(b"x" * 50_000)
        await turn(2)
    assert reader.broken == 1
    reader.takes.set()
    await turn()
    assert reader.frames == []
    outbox.put(b"late")
    await turn()
    assert reader.frames == []


async def test_one_message_larger_than_the_limit_is_sent_to_a_reader_that_keeps_up(outbox, reader):
    outbox.put(b"x" * (LIMIT + 1))
    await turn()
    assert (len(reader.frames), reader.broken) == (1, 0)


async def test_a_large_message_behind_a_small_one_of_the_same_turn_is_not_the_readers_fault(outbox, reader):
    outbox.put(b"small")
    outbox.put(b"x" * LIMIT)
    outbox.put(b"y" * LIMIT)
    await turn()
    assert ([len(frame) for frame in reader.frames], reader.broken) == ([5, LIMIT, LIMIT], 0)


async def test_what_is_told_again_takes_the_place_of_what_waits_whatever_its_size(outbox, reader):
    reader.takes.clear()
    outbox.put(b"sent")
    await turn()
    outbox.put(b"waits")
    outbox.repeat([b"first", b"x" * LIMIT, b"y" * LIMIT])
    outbox.put(b"behind")
    reader.takes.set()
    await turn()
    assert [len(frame) for frame in reader.frames] == [len(b"first"), LIMIT, LIMIT, len(b"behind")]
    assert reader.broken == 0


async def test_DS_3_behind_what_is_told_again_the_limit_holds(outbox, reader):
    reader.takes.clear()
    outbox.put(b"sent")
    await turn()
    outbox.repeat([b"x" * LIMIT, b"x" * LIMIT])
    for _ in range(10):
        outbox.put(b"y" * 50_000)
        await turn(2)
    assert reader.broken == 1


@pytest.mark.parametrize("waits", [True, False])
async def test_a_reader_that_is_gone_is_given_up(outbox, reader, waits):
    if waits:
        reader.takes.clear()
    reader.error = RuntimeError("gone")
    outbox.put(b"x")
    await turn()
    reader.takes.set()
    await turn()
    assert reader.broken == 1


@pytest.mark.parametrize("waits", [True, False])
async def test_the_end_comes_after_all_that_was_put_before_and_nothing_after_it(outbox, reader, waits):
    if waits:
        reader.takes.clear()
    outbox.put(b"a")
    await turn()
    outbox.put(b"b")
    outbox.finish(reader.close)
    outbox.finish(reader.close)
    outbox.put(b"c")
    reader.takes.set()
    await turn()
    assert (b"".join(reader.frames), reader.closed, reader.broken) == (b"ab", 1, 0)


async def test_a_producer_without_end_waits_for_its_reader(outbox, reader):
    reader.takes.clear()
    outbox.put(b"x")
    await turn()
    outbox.put(b"x" * MAXIMUM_BATCH)
    waiting = asyncio.ensure_future(outbox.drained(lambda: False))
    await turn()
    assert not waiting.done()
    reader.takes.set()
    await waiting


async def test_a_producer_waits_while_something_is_held_back_from_here(outbox, reader):
    held = [b"held"]
    waiting = asyncio.ensure_future(outbox.drained(lambda: bool(held)))
    await turn()
    assert not waiting.done()
    outbox.put(held.pop())
    await waiting


async def test_what_waits_for_the_socket_before_stands_in_the_way_of_nothing(outbox, reader):
    reader.takes.clear()
    outbox.put(b"for the socket before")
    await turn()
    reader.takes = asyncio.Event()  # which that send does not see
    reader.takes.set()
    outbox.repeat([b"first"])
    await turn()
    outbox.put(b"second")
    await turn()
    assert (reader.frames, reader.broken) == ([b"first", b"second"], 0)


async def test_a_producer_does_not_wait_for_a_reader_that_is_given_up(outbox, reader):
    reader.takes.clear()
    outbox.put(b"x")
    await turn()
    outbox.put(b"x" * MAXIMUM_BATCH)
    waiting = asyncio.ensure_future(outbox.drained(lambda: False))
    await turn()
    outbox.discard()
    await waiting


async def test_many_readers_are_served_over_several_turns_of_the_loop():
    flusher, readers = Flusher(), [Reader() for _ in range(250)]
    for each in readers:
        Outbox(flusher=flusher, write=each.write, limit=LIMIT, on_broken=each.on_broken).put(b"x")
    served = []
    for _ in range(4):
        await asyncio.sleep(0)
        served.append(sum(bool(each.frames) for each in readers))
    assert served[0] < 250 == served[-1]


async def test_one_that_breaks_badly_silences_no_other():
    heard: list[Exception] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context["exception"]))
    flusher, good, bad = Flusher(), Reader(), Reader()
    bad.error = ConnectionError()

    def fail() -> None:
        raise LookupError("cannot be given up")

    broken_box = Outbox(flusher=flusher, write=bad.write, limit=LIMIT, on_broken=fail)
    good_box = Outbox(flusher=flusher, write=good.write, limit=LIMIT, on_broken=good.on_broken)
    broken_box.put(b"lost")
    good_box.put(b"a")
    await turn()
    good_box.put(b"b")
    await turn()
    assert good.frames == [b"a", b"b"]
    assert [str(error) for error in heard] == ["cannot be given up"]


async def test_a_reader_that_has_stopped_is_backed_up_and_its_end_of_waiting_is_told_once(outbox, reader):
    told = []
    outbox.put(b"a")
    await turn()
    assert not outbox.is_backed_up
    reader.takes.clear()
    outbox.put(b"b")
    await turn()
    assert outbox.is_backed_up
    for number in 1, 2:  # as of two feeds
        outbox.when_drained(partial(told.append, number))
    outbox.put(b"c")
    await turn()
    assert told == []
    reader.takes.set()
    await turn()
    assert (reader.frames, sorted(told), outbox.is_backed_up) == ([b"a", b"b", b"c"], [1, 2], False)
    outbox.put(b"d")
    await turn()
    assert sorted(told) == [1, 2]


async def test_a_frame_that_waits_for_its_turn_backs_a_reader_up(outbox):
    outbox.put(b"x" * MAXIMUM_BATCH)
    assert outbox.is_backed_up
    await turn()
    assert not outbox.is_backed_up


async def test_who_was_dropped_is_told_nothing_more(outbox, reader):
    told = []
    reader.takes.clear()
    outbox.put(b"a")
    await turn()
    outbox.when_drained(lambda: told.append(1))
    outbox.discard()
    reader.takes.set()
    await turn()
    assert told == []
