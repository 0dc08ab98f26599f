"""Measures what benchmarks/costs.py holds, as far as one run of the product can: prints name and figure."""

import argparse
import asyncio
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.latency import latency
from benchmarks.process import Server
from benchmarks.screens import all_live
from benchmarks.stage import Stage, add_choices, product
from benchmarks.storm import RELOAD, storm

FEW, MANY = 5, 100  # readers a ward
WARDS = 4
RATE = 20.0  # events a second, slow enough that each has a round of its own
WAKES = 2000
CALLS = 50


async def deliveries(stage: Stage, seconds: float) -> dict[str, float]:
    """CPU of an event with few and with many readers: what grows is the delivery, what stays is the round."""
    screens = stage.screens(MANY * WARDS)
    costs = []
    for readers in (FEW, MANY):
        await all_live([screen for screen in screens[: readers * WARDS] if screen.live_at is None])
        cpu, started = stage.cpu_seconds(), time.monotonic()
        await asyncio.sleep(3)
        idle = (stage.cpu_seconds() - cpu) / (time.monotonic() - started)
        cpu, started = stage.cpu_seconds(), time.monotonic()
        found = await latency(stage, screens[: readers * WARDS], rate=RATE, seconds=seconds)
        used = stage.cpu_seconds() - cpu - idle * (time.monotonic() - started)
        costs.append(used / found.written)
    delivery = (costs[1] - costs[0]) / (MANY - FEW)
    sockets = len(screens)
    back = await storm(stage, screens, jitter=0, way=RELOAD)
    return {
        "delivery_us": delivery * 1e6,
        "round_ms": (costs[0] - delivery * FEW) * 1e3,
        "return_ms": back.cpu_ms_a_return,
        "idle_us_a_socket_and_second": idle / sockets * 1e6,
    }


async def wakes(worker: Server) -> dict[str, float]:
    """CPU of a wake-up for a ward that nobody follows here, each sent when the last may have been heard."""
    from channels.layers import get_channel_layer

    from hubs.feeds import wake

    layer: Any = get_channel_layer()
    before = worker.cpu_seconds()
    for number in range(WAKES):
        await layer.group_send(wake.GROUP, {"type": wake.MESSAGE_TYPE, "feeds": {f"ward:x{number}": 1}})
    await asyncio.sleep(1)
    return {"wake_us": (worker.cpu_seconds() - before) / WAKES * 1e6}


def statements() -> dict[str, float]:
    """What the services ask of the database, counted and timed in this process."""
    from random import Random

    from accounts.models import User
    from clinical.demo import vitals
    from clinical.events import ward_feed
    from clinical.models import Patient, Ward
    from clinical.services import board, observations
    from hubs import directory
    from hubs.feeds import log
    from hubs.feeds.subscriptions import Position

    ward = Ward.objects.order_by("pk")[0]
    nurse, patient = User.objects.get(username=f"nurse.{ward.pk}"), Patient.objects.filter(ward=ward)[0]
    feed = ward_feed(ward.pk)
    given = vitals.as_entered(Random(1), vitals.WELL)  # noqa: S311 - keeps no secret
    entries = (directory.Entry("units", "hub", "1", "WebSockets"), "units", "units")
    directory.heartbeat("units", "units", ())
    snapshot_ms, of_snapshot = _asked(partial(board.snapshot, ward, Position(feed, 1, 1)))
    write_ms, of_write = _asked(partial(observations.record, nurse, patient.pk, given))
    return {
        "snapshot_ms": snapshot_ms,
        "write_ms": write_ms,
        "statements_a_snapshot": of_snapshot,
        "statements_a_write": of_write,
        "statements_a_round": _asked(lambda: (log.heads([feed]), log.events_after({feed: 1})))[1],
        "statements_a_beat": _asked(partial(directory.heartbeat, "units", "units", ()))[1],
        "statements_a_claim": _asked(partial(directory.claim, *entries))[1],
    }


def _asked(call: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of this process's CPU, and statements without those that only begin and end."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        call()
    started = time.process_time()
    for _ in range(CALLS):
        call()
    return (time.process_time() - started) / CALLS * 1e3, len(asked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_choices(parser)
    options = parser.parse_args()
    with product(
        server=options.server, database=options.database, workers=1, readers=MANY * WARDS, wards=WARDS
    ) as stage:
        os.environ.update(stage.environment)
        import django

        django.setup()
        found = asyncio.run(deliveries(stage, 5 if options.quick else 15))
        found |= asyncio.run(wakes(stage.workers[0])) | statements()
    for name, figure in found.items():
        print(f"{name:30}{figure:10.2f}")


if __name__ == "__main__":
    main()
