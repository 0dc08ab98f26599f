"""Readers that take one message a second beside fast ones: what the fast ones and the server notice."""

import argparse
import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.latency import HEADINGS, Latency, latency, row
from benchmarks.screens import Screen, all_live
from benchmarks.stage import Stage, add_choices, inside, product
from benchmarks.tables import print_table

WARDS = 2
RECEIVE_BUFFER = 2048  # bytes: what the kernel would hold for a reader must not hide that it does not read
MESSAGE = 1024  # bytes, about one event


@dataclass(frozen=True, slots=True)
class Slowness:
    """The fast readers' waits without and with the slow ones, and what these cost the server."""

    alone: Latency
    beside: Latency
    slow: int
    kib_a_slow_reader: float
    tasks_a_slow_reader: float
    resyncs: int
    lost: int


async def measure(stage: Stage, *, fast: int, slow: int, rate: float, seconds: float) -> Slowness:
    """The same writing twice, the second time with slow readers in the same wards."""
    screens = stage.screens(fast)
    await all_live(screens)
    alone = await latency(stage, screens, rate=rate, seconds=seconds)
    people = stage.people[fast : fast + slow]
    sluggish = [Screen(ward, token, stage.ports, receive_buffer=RECEIVE_BUFFER) for ward, token in people]
    await all_live(sluggish)
    worker = stage.workers[0]
    memory, tasks = worker.resident_kib(), (await inside(worker))["tasks"]
    with _reading_slowly(sluggish):
        beside = await latency(stage, screens, rate=rate, seconds=seconds)
        return Slowness(
            alone=alone,
            beside=beside,
            slow=slow,
            kib_a_slow_reader=(worker.resident_kib() - memory) / slow,
            tasks_a_slow_reader=((await inside(worker))["tasks"] - tasks) / slow,
            resyncs=sum(screen.resyncs for screen in sluggish),
            lost=sum(screen.has_lost for screen in sluggish),
        )


@contextmanager
def _reading_slowly(screens: list[Screen]) -> Iterator[None]:
    tasks = [asyncio.create_task(_read_slowly(screen)) for screen in screens]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def _read_slowly(screen: Screen) -> None:
    assert screen.socket is not None
    while not screen.has_lost:
        await screen.socket.read_only(MESSAGE)
        await asyncio.sleep(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fast", type=int, default=200)
    parser.add_argument("--slow", type=int, default=20)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float)
    add_choices(parser)
    options = parser.parse_args()
    seconds = options.seconds or (8 if options.quick else 25)
    readers = options.fast + options.slow
    with product(
        server=options.server, database=options.database, workers=1, readers=readers, wards=WARDS
    ) as stage:
        found = asyncio.run(
            measure(stage, fast=options.fast, slow=options.slow, rate=options.rate, seconds=seconds)
        )
    print(f"{options.fast} fast readers of {WARDS} wards without and with {options.slow} that read a message")
    print(f"a second; {options.server}, {options.database}, one worker. Each slow one cost the worker")
    print(f"{found.kib_a_slow_reader:.0f} KiB and {found.tasks_a_slow_reader:.1f} tasks.", end=" ")
    print(f"{found.lost} were closed, {found.resyncs} told to reload.")
    print()
    beside = [["alone", *row(found.alone)], ["beside slow ones", *row(found.beside)]]
    print_table(["fast readers", *HEADINGS], beside)


if __name__ == "__main__":
    main()
