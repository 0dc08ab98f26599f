"""Bad tokens at a bare worker: what a refusal costs it, and what a flood of them costs those at work."""

import argparse
import asyncio
import os
import time
from dataclasses import dataclass
from itertools import chain
from random import Random

from benchmarks.figures import percentile
from benchmarks.knocker import knock
from benchmarks.screens import Screen, all_live
from benchmarks.stage import Stage, add_choices, product
from benchmarks.tables import print_table, ratio

USERS = 100
BAD_TOKENS_A_SECOND = 100.0
CALLS_A_SECOND = 1.0  # of each user

random = Random(4)  # noqa: S311 - the same order every time


@dataclass(frozen=True, slots=True)
class Work:
    """What the users have seen, in milliseconds, and what it has cost their worker."""

    waits: list[float]
    refused: int
    cpu_seconds: float


async def work(stage: Stage, screens: list[Screen], *, seconds: float, bad_token: str | None) -> Work:
    """All users work for a while, beside somebody who floods their worker with bad tokens, or alone."""
    cpu = stage.cpu_seconds()
    knocking = None
    if bad_token is not None:
        words = ("--port", str(stage.ports[0]), "--token", bad_token)
        rate = ("--rate", str(BAD_TOKENS_A_SECOND), "--count", str(round(BAD_TOKENS_A_SECOND * seconds)))
        knocking = asyncio.create_task(stage.output("benchmarks.knocker", *words, *rate))
    waits = await asyncio.gather(*(_calls(screen, seconds) for screen in screens))
    refused = int(await knocking) if knocking is not None else 0
    return Work(sorted(chain.from_iterable(waits)), refused, stage.cpu_seconds() - cpu)


async def _calls(screen: Screen, seconds: float) -> list[float]:
    """How long each call has taken.

    They come by chance: at even intervals one stall would line the users up for good.
    """
    ends, waits = time.monotonic() + seconds, []
    await asyncio.sleep(random.expovariate(CALLS_A_SECOND))
    while time.monotonic() < ends:
        started = time.monotonic()
        await screen.ask()
        waits.append((time.monotonic() - started) * 1000)
        await asyncio.sleep(random.expovariate(CALLS_A_SECOND))
    return waits


def cost(stage: Stage, token: str, count: int) -> float:
    """Milliseconds of the worker's CPU for one negotiation with that token."""
    knock(stage.ports[0], token, rate=0, count=count // 10)  # warm up
    before = stage.cpu_seconds()
    knock(stage.ports[0], token, rate=0, count=count)
    return (stage.cpu_seconds() - before) / count * 1000


def tokens_by_kind(stage: Stage) -> dict[str, str]:
    """A good token, and bad ones that are found out early and late."""
    os.environ.update(stage.environment)
    import django

    django.setup()
    from accounts import sessions, tokens
    from accounts.models import User

    session = tokens.log_in(User.objects.order_by("pk")[0])
    ended = tokens.access_for(session)
    sessions.end(session, "benchmark")
    good = stage.people[0][1]
    head, body, signature = good.split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    return {"good": good, "no signed token": "x" * len(good), "forged": forged, "login ended": ended}


def _row(name: str, each: Work, seconds: float) -> list[str]:
    waits = [f"{percentile(each.waits, p):.1f} ms" for p in (50, 95, 100)]
    return [name, str(len(each.waits)), *waits, f"{each.cpu_seconds / seconds * 100:.0f}%"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_choices(parser)
    options = parser.parse_args()
    seconds, count = (5.0, 200) if options.quick else (30.0, 2000)
    with product(server=options.server, database=options.database, workers=1, readers=USERS) as stage:
        kinds = tokens_by_kind(stage)
        costs = {name: cost(stage, token, count) for name, token in kinds.items()}
        alone, flooded = asyncio.run(measure(stage, kinds["forged"], seconds))
    print(f"{USERS} users of {options.server}, {options.database}, at one worker, each with a call a second;")
    print(f"{flooded.refused / seconds:.0f} forged tokens a second beside them, each a request to negotiate")
    print()
    rows = [_row("alone", alone, seconds), _row("with bad tokens", flooded, seconds)]
    print_table(["users", "calls", "p50", "p95", "max", "CPU of the worker"], rows)
    print("CPU of the worker for one negotiation")
    print()
    print_table(
        ["token", "CPU", "to a good one"],
        [[name, f"{each:.2f} ms", ratio(each, costs["good"])] for name, each in costs.items()],
    )


async def measure(stage: Stage, forged: str, seconds: float) -> tuple[Work, Work]:
    screens = stage.screens(USERS)
    await all_live(screens)
    await work(stage, screens, seconds=2, bad_token=None)  # warm up
    alone = await work(stage, screens, seconds=seconds, bad_token=None)
    return alone, await work(stage, screens, seconds=seconds, bad_token=forged)


if __name__ == "__main__":
    main()
