"""A worker dies, leaves or is replaced, and nobody on the ward misses anything."""

import asyncio

import pytest

from tests.faults.ward.fault import fault
from tests.faults.ward.scene import Scene

pytestmark = pytest.mark.long

DRAINS = {"DRAIN_SECONDS": "2"}


@fault("SIGKILL of a worker", ("PostgreSQL", "Daphne"), ("SQLite", "uvicorn"))
async def test_a_worker_that_is_killed_takes_no_event_with_it(ward: Scene) -> None:
    for worker in ward.parts.workers:
        worker.kill()
        await ward.flows()
        await ward.parts.start(worker)
    await ward.judge()


@fault("SIGTERM of a worker", ("PostgreSQL", "Daphne"), ("PostgreSQL", "uvicorn"), environment=DRAINS)
async def test_a_worker_that_goes_down_hands_its_readers_over(ward: Scene) -> None:
    await ward.parts.stop(ward.parts.workers[0])
    await ward.flows()
    await ward.judge()


@fault(
    "A deploy, with Redis restarted and clients cut off meanwhile",
    ("PostgreSQL", "Daphne"),
    ("PostgreSQL", "uvicorn"),
    environment=DRAINS,
)
async def test_a_deploy_in_the_middle_of_it_all_loses_nothing(ward: Scene) -> None:
    await asyncio.gather(_replace_all(ward), _cut_clients_off(ward), _restart_redis(ward))
    await ward.flows()
    await ward.judge()


async def _replace_all(ward: Scene) -> None:
    for worker in ward.parts.workers:
        await ward.parts.restart(worker)
        await ward.written(8)


async def _cut_clients_off(ward: Scene) -> None:
    for line in ward.parts.to_workers:
        line.cut()
        await ward.written(8)
        line.mend()


async def _restart_redis(ward: Scene) -> None:
    ward.parts.valkey.kill()
    await ward.written(8)
    await ward.parts.start(ward.parts.valkey)
