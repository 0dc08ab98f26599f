"""All screens drop and return: how long after the last return all are live and equal to the database."""

import argparse
import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from random import Random

from benchmarks.figures import percentile
from benchmarks.screens import Screen, all_live
from benchmarks.stage import Stage, add_choices, product
from benchmarks.tables import print_table

PATIENCE = 60.0  # seconds from the last return; who is not live by then is counted as wrong
OUTAGE = 2.0  # seconds, in which the hospital goes on
EVENTS_A_SECOND = 4.0  # over all wards: the human peak of a hospital of this size

RELOAD, RESUME = "reload", "resume"

random = Random(3)  # noqa: S311 - the same storm every time


@dataclass(frozen=True, slots=True)
class Storm:
    """What one storm cost. Seconds are counted from the last return; a screen live before it counts as 0."""

    jitter: float
    way: str
    median: float
    p95: float
    last: float
    snapshots_a_ward: int
    cpu_ms_a_return: float
    failures: Counter[str]
    resyncs: int
    wrong: int


async def storm(stage: Stage, screens: list[Screen], *, jitter: float, way: str) -> Storm:
    """Drops every screen, lets the hospital work meanwhile, and waits until all are live again."""
    for screen in screens:
        screen.drop()
        screen.failures.clear()
        screen.resyncs = 0
    writing = asyncio.create_task(stage.write(EVENTS_A_SECOND, OUTAGE + jitter + 3))
    await asyncio.sleep(OUTAGE)
    built, cpu = await stage.snapshots(), stage.cpu_seconds()
    started = time.monotonic()
    delays = [random.uniform(0, jitter) for _ in screens]
    returning = [
        asyncio.create_task(_return(screen, delay, resume=way == RESUME))
        for screen, delay in zip(screens, delays, strict=True)
    ]
    _, late = await asyncio.wait(returning, timeout=jitter + PATIENCE)
    for task in late:
        task.cancel()
    used = stage.cpu_seconds() - cpu
    last_return = started + max(delays)
    waits = sorted(max(0.0, (screen.live_at or time.monotonic()) - last_return) for screen in screens)
    await writing
    snapshots = max(count - built[ward] for ward, count in (await stage.snapshots()).items())
    return Storm(
        jitter=jitter,
        way=way,
        median=percentile(waits, 50),
        p95=percentile(waits, 95),
        last=waits[-1],
        snapshots_a_ward=snapshots,
        cpu_ms_a_return=used / len(screens) * 1000,
        failures=sum((screen.failures for screen in screens), Counter()),
        resyncs=sum(screen.resyncs for screen in screens),
        wrong=await wrong(stage, screens),
    )


async def _return(screen: Screen, delay: float, *, resume: bool) -> None:
    await asyncio.sleep(delay)
    await screen.go_live(resume=resume)


async def wrong(stage: Stage, screens: list[Screen]) -> int:
    """Screens that differ from the database although nobody writes any more and the last event had time."""
    boards = await stage.boards()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        differing = [s for s in screens if boards[s.ward] != {"seq": s.seq, "versions": s.versions}]
        if not differing:
            return 0
        await asyncio.sleep(0.1)
    return len(differing)


HEADINGS = ["jitter", "way", "median", "p95", "last", "snapshots a ward", "CPU a return", "retries", "wrong"]


def _row(each: Storm) -> list[str]:
    waits = [f"{each.median:.1f} s", f"{each.p95:.1f} s", f"{each.last:.1f} s"]
    cost = f"{each.cpu_ms_a_return:.1f} ms"
    return [
        *(f"{each.jitter:.0f} s", each.way, *waits, str(each.snapshots_a_ward), cost),
        *(", ".join(f"{count} {why}" for why, count in each.failures.items()) or "0", str(each.wrong)),
    ]


async def measure(stage: Stage, *, sockets: int, jitters: list[float], ways: list[str]) -> list[Storm]:
    screens = stage.screens(sockets)
    await all_live(screens)
    return [await storm(stage, screens, jitter=jitter, way=way) for jitter in jitters for way in ways]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int)
    parser.add_argument("--jitters", type=float, nargs="+", default=[0, 5, 30])
    parser.add_argument("--ways", nargs="+", choices=[RELOAD, RESUME], default=[RELOAD, RESUME])
    add_choices(parser)
    options = parser.parse_args()
    sockets = options.sockets or (200 if options.quick else 2000)
    with product(server=options.server, database=options.database, workers=2, readers=sockets) as stage:
        storms = asyncio.run(measure(stage, sockets=sockets, jitters=options.jitters, ways=options.ways))
    print(f"{sockets} sockets of {options.server} with {options.database}, 2 workers on one core;")
    print("seconds from the last return until a screen is live; at the end all must equal the database.")
    print()
    print_table(HEADINGS, map(_row, storms))


if __name__ == "__main__":
    main()
