"""From commit to screen: how long a written event takes to each screen of its ward."""

import argparse
import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks import latency_peer
from benchmarks.figures import percentile
from benchmarks.screens import Screen, all_live
from benchmarks.stage import Stage, add_choices, product
from benchmarks.tables import print_table

GRACE = 3.0  # seconds that the last events have to arrive
WARM_UP = 2.0
WARDS = 20
IN_ONE_WARD = 200  # sockets, which all hear of each event
RATES_OF_ONE_WARD = [1.0, 5.0]


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from commit to screen at one rate, and what each delivery cost the workers."""

    wanted_rate: float
    rate: float
    written: int
    deliveries: int
    median: float
    p95: float
    p99: float
    longest: float
    cpu_us_a_delivery: float
    missing: int
    gaps: int


async def latency(stage: Stage, screens: list[Screen], *, rate: float, seconds: float) -> Latency:
    """Writes at that rate from another process, and compares the times of commits and arrivals."""
    await stage.write(rate, WARM_UP)
    await asyncio.sleep(GRACE)
    for screen in screens:
        screen.arrivals, screen.gaps = [], 0
    cpu = stage.cpu_seconds()
    lines = await stage.write(rate, seconds)
    await asyncio.sleep(GRACE)
    used = stage.cpu_seconds() - cpu
    committed = {(ward, int(number)): float(at) for ward, number, at in map(str.split, lines)}
    times = sorted(committed.values())
    waits = sorted(_waits(screens, committed))
    readers = {ward: sum(screen.ward == ward for screen in screens) for ward in stage.wards}
    return Latency(
        wanted_rate=rate,
        rate=(len(times) - 1) / (times[-1] - times[0]),
        written=len(times),
        deliveries=len(waits),
        median=percentile(waits, 50),
        p95=percentile(waits, 95),
        p99=percentile(waits, 99),
        longest=waits[-1],
        cpu_us_a_delivery=used / len(waits) * 1e6,
        missing=sum(readers[ward] for ward, _ in committed) - len(waits),
        gaps=sum(screen.gaps for screen in screens),
    )


def _waits(screens: Iterable[Screen], committed: dict[tuple[str, int], float]) -> Iterable[float]:
    """Milliseconds of every delivery. What was written before the watch began is not among them."""
    for screen in screens:
        for number, came in screen.arrivals or ():
            if (screen.ward, number) in committed:
                yield (came - committed[screen.ward, number]) * 1000


HEADINGS = ["events/s", "reached", "deliveries", "median", "p95", "p99", "longest", "CPU a delivery", "lost"]


def row(each: Latency) -> list[str]:
    waits = [f"{wait:.0f} ms" for wait in (each.median, each.p95, each.p99, each.longest)]
    counts = [f"{each.wanted_rate:g}", f"{each.rate:.1f}", f"{each.deliveries:,}"]
    return [*counts, *waits, f"{each.cpu_us_a_delivery:.0f} µs", str(each.missing + each.gaps)]


async def measure(stage: Stage, *, sockets: int, rates: list[float], seconds: float) -> list[Latency]:
    screens = stage.screens(sockets)
    await all_live(screens)
    return [await latency(stage, screens, rate=rate, seconds=seconds) for rate in rates]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int)
    parser.add_argument("--rates", type=float, nargs="+", default=[3, 10, 200])
    parser.add_argument("--seconds", type=float)
    add_choices(parser)
    options = parser.parse_args()
    sockets = options.sockets or (200 if options.quick else 1000)
    seconds = options.seconds or (5 if options.quick else 20)
    for readers, wards, rates in (
        (sockets, WARDS, options.rates),
        (IN_ONE_WARD, 1, RATES_OF_ONE_WARD),
    ):
        choices = {"server": options.server, "database": options.database, "wards": wards}
        with product(**choices, workers=2, readers=readers) as stage:
            found = asyncio.run(measure(stage, sockets=readers, rates=rates, seconds=seconds))
        of = f"{readers} sockets of {options.server}, {wards} {'wards' if wards > 1 else 'ward'}"
        print(f"{of}, {options.database}, 2 workers on one core")
        print()
        print_table(HEADINGS, map(row, found))
    print("A hand-written Channels consumer on Redis pub/sub, one worker, from the publication; no database")
    print()
    peer = latency_peer.measure(options.server, sockets=sockets, rates=options.rates, seconds=seconds / 2)
    print_table(["events/s", "deliveries", "median", "p95", "longest", "lost"], peer)


if __name__ == "__main__":
    main()
