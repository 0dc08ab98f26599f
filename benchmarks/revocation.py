"""From a withdrawal to its effect: how long a reader who was moved away still gets events of the ward."""

import argparse
import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from redis import Redis

from benchmarks.figures import percentile
from benchmarks.screens import Screen, all_live
from benchmarks.stage import Stage, add_choices, product
from benchmarks.tables import print_table

GRACE = 8.0  # seconds: without Redis the feeds are looked at every four
EVENTS_A_SECOND = 20.0

# Around the withdrawals of one phase.
Break = Callable[[Stage], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Effect:
    """Milliseconds from the commit of a withdrawal, over all readers it was for."""

    last_event: list[float]
    told: list[float]
    never_told: int
    delivered: int


async def effect(stage: Stage, screens: list[Screen], *, first: int, count: int, rate: float) -> Effect:
    """Withdraws the right of some readers while the wards work on."""
    for screen in screens:
        screen.arrivals = []
    writing = asyncio.create_task(stage.write(EVENTS_A_SECOND, count / rate + GRACE))
    words = ("--first", str(first), "--count", str(count), "--rate", str(rate))
    lines = await stage.output("benchmarks.revoker", *words)
    await writing
    withdrawn = {int(number): float(at) for number, at in map(str.split, lines.splitlines())}
    last_event, told = [], []
    for number, at in withdrawn.items():
        screen = screens[number]
        after = [came for _, came in screen.arrivals or () if came > at]
        last_event.append((max(after) - at) * 1000 if after else 0.0)
        if screen.ended_at is not None:
            told.append((screen.ended_at - at) * 1000)
    delivered = sum(len(screen.arrivals or ()) for screen in screens)
    return Effect(sorted(last_event), sorted(told), count - len(told), delivered)


def redis(stage: Stage) -> Any:
    return Redis.from_url(stage.environment["REDIS_URL"])


@asynccontextmanager
async def nothing(stage: Stage) -> AsyncIterator[None]:
    """Redis as it should be."""
    yield


@asynccontextmanager
async def flushed(stage: Stage) -> AsyncIterator[None]:
    await asyncio.to_thread(redis(stage).flushall)
    yield


@asynccontextmanager
async def frozen(stage: Stage) -> AsyncIterator[None]:
    """Still there, still connected, and silent."""
    number = (await asyncio.to_thread(redis(stage).info, "server"))["process_id"]
    os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(number, signal.SIGCONT)


@asynccontextmanager
async def down(stage: Stage) -> AsyncIterator[None]:
    """Shut down, and not started again."""
    await asyncio.to_thread(redis(stage).shutdown, nosave=True)
    yield


PHASES: dict[str, Break] = {"up": nothing, "flushed": flushed, "frozen": frozen, "down": down}


async def measure(stage: Stage, *, sockets: int, rate: float) -> dict[str, Effect]:
    screens = stage.screens(sockets)
    await all_live(screens)
    count = sockets // (len(PHASES) + 1)  # the rest go on reading to the end
    found = {}
    for number, (name, happen) in enumerate(PHASES.items()):
        async with happen(stage):
            found[name] = await effect(stage, screens, first=number * count, count=count, rate=rate)
    return found


def row(name: str, each: Effect) -> list[str]:
    waits = [f"{percentile(each.last_event, p):.0f} ms" for p in (50, 99, 100)]
    told = [f"{percentile(each.told, p):.0f} ms" for p in (50, 99, 100)]
    return [name, str(len(each.last_event)), *waits, *told, str(each.never_told), f"{each.delivered:,}"]


HEADINGS = [
    "Redis",
    "readers",
    "last event p50",
    "p99",
    "max",
    "told p50",
    "p99",
    "max",
    "not told",
    "deliveries",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int)
    parser.add_argument("--rate", type=float, default=10.0, help="readers a second")
    add_choices(parser)
    options = parser.parse_args()
    sockets = options.sockets or (80 if options.quick else 800)
    with product(server=options.server, database=options.database, workers=2, readers=sockets) as stage:
        found = asyncio.run(measure(stage, sockets=sockets, rate=options.rate))
    print(f"{sockets} sockets of {options.server} over 20 wards, {options.database}, 2 workers on one core,")
    print(f"{EVENTS_A_SECOND:g} events and {options.rate:g} withdrawals a second")
    print()
    print_table(HEADINGS, [row(name, each) for name, each in found.items()])


if __name__ == "__main__":
    main()
