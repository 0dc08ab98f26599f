"""A worker dies, leaves or is replaced, and nobody on the ward misses anything."""

import asyncio

import pytest

from tests.faults.ward.scene import Scene

pytestmark = pytest.mark.long
fault = pytest.mark.fault


@fault("SIGKILL of a worker", database="SQLite", server="Daphne")
async def test_a_worker_that_is_killed_takes_no_event_with_it(ward: Scene) -> None:
    ward.parts.workers[0].kill()
    await ward.flows()
    await asyncio.to_thread(ward.parts.workers[0].start)
    ward.parts.workers[1].kill()
    await ward.flows()
    await ward.judge()
