"""An hour of ordinary ward work, by hand: memory, files, threads, tasks and rows of connections stay flat."""

import argparse
import asyncio
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from random import Random

from benchmarks.process import Server
from benchmarks.screens import Screen, all_live
from benchmarks.stage import Stage, add_choices, inside, product

SETTLED = 0.25  # the first quarter fills pools and caches
TOKEN_LIFE = 900.0  # seconds
VISIT = 120.0  # seconds that a reader stays on the average before the page is loaded anew
TOLERATED = {"resident_kib": 0.05, "files": 0.05, "threads": 0.0, "tasks": 0.05, "rows": 0.10}

random = Random(4)  # noqa: S311 - the same hour every time


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a worker; `rows` are those of the connections of all workers."""

    resident_kib: float
    files: float
    threads: float
    tasks: float
    rows: float


async def _look(stage: Stage, worker: Server) -> Sample:
    return Sample(
        resident_kib=worker.resident_kib(),
        files=_entries(worker, "fd"),
        threads=_entries(worker, "task"),
        tasks=(await inside(worker))["tasks"],
        rows=(await stage.counts())["connections"],
    )


def _entries(worker: Server, folder: str) -> int:
    return len(list(Path(f"/proc/{worker.pid}/{folder}").iterdir()))


async def measure(
    stage: Stage, *, sockets: int, rate: float, seconds: float, every: float
) -> dict[str, float]:
    """How much each figure has grown after the first quarter, as a share."""
    screens = stage.screens(sockets)
    await all_live(screens)
    writing = asyncio.create_task(stage.write(rate, seconds, "--without-orders"))
    visits = [asyncio.create_task(_come_and_go(screen)) for screen in screens]
    visits.append(asyncio.create_task(_hand_out_tokens(stage, screens)))
    samples: list[Sample] = []
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        await asyncio.sleep(every)
        samples.append(await _look(stage, stage.workers[0]))
        print(asdict(samples[-1]), flush=True)
    for visit in visits:
        visit.cancel()
    await writing
    return grown(samples)


async def _hand_out_tokens(stage: Stage, screens: list[Screen]) -> None:
    while True:
        await asyncio.sleep(TOKEN_LIFE / 3)
        for screen, token in zip(screens, await stage.fresh_tokens(), strict=True):
            screen.token = token


async def _come_and_go(screen: Screen) -> None:
    """Some resume, some load the page anew; a server that ends a connection at its token's end is obeyed."""
    while True:
        await asyncio.sleep(random.expovariate(1 / VISIT))
        screen.drop()
        await screen.go_live(resume=random.random() < 0.5)


def grown(samples: list[Sample]) -> dict[str, float]:
    settled = samples[int(len(samples) * SETTLED) :]
    part = max(1, len(settled) // 3)
    growth = {}
    for field in fields(Sample):
        first, last = (
            [getattr(each, field.name) for each in some] for some in (settled[:part], settled[-part:])
        )
        before, after = sum(first) / len(first), sum(last) / len(last)
        growth[field.name] = after / before - 1
    return growth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--every", type=float)
    add_choices(parser)
    options = parser.parse_args()
    seconds = 60.0 if options.quick else options.seconds
    with product(
        server=options.server, database=options.database, workers=2, readers=options.sockets
    ) as stage:
        growth = asyncio.run(
            measure(
                stage,
                sockets=options.sockets,
                rate=options.rate,
                seconds=seconds,
                every=options.every or seconds / 60,
            )
        )
    for name, share in growth.items():
        verdict = "flat" if share <= TOLERATED[name] else "GROWS"
        print(f"{name:14}{share:+8.1%}  {verdict}")


if __name__ == "__main__":
    main()
