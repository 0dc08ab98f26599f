"""Clients that do not read, and clients whose network comes and goes."""

import pytest

from tests.faults.ward.fault import fault
from tests.faults.ward.reader import Reader
from tests.faults.ward.scene import Scene

pytestmark = pytest.mark.long

NOT_READING = 20
WARDS = ["icu", "cardio"]
SMALL = 4_096  # bytes of a receive buffer
PER_SECOND = 60
MANY = 600
TWO_SECONDS = 16  # writes


@fault("20 readers that do not read", ("PostgreSQL", "Daphne"), ("SQLite", "uvicorn"))
async def test_who_does_not_read_delays_nobody_and_misses_nothing(ward: Scene) -> None:
    addresses = [worker.url for worker in ward.parts.workers]
    idle = [Reader("admin", WARDS, addresses, receive_buffer=SMALL) for _ in range(NOT_READING)]
    await ward.join(*idle)
    for reader in idle:
        reader.reads.clear()
    ward.write(PER_SECOND)
    await ward.written(MANY, within=180.0)
    await ward.flows()
    for reader in idle:
        reader.reads.set()
    await ward.flows()
    await ward.judge()
    assert all(_was_behind(reader) for reader in idle)


def _was_behind(reader: Reader) -> bool:
    """Whether it was sent less than all, because it did not take more."""
    chains = reader.journal.chains
    has_asked = reader.journal.resumes > 0 or len(chains) > 1
    return has_asked or any(each.seq > each.after + 1 for chain in chains for each in chain.deliveries)


@fault("A client network that drops for 2 s again and again", ("PostgreSQL", "Daphne"))
async def test_a_network_that_comes_and_goes_costs_no_event(ward: Scene) -> None:
    for number in range(4):
        for line in ward.parts.to_workers:
            line.cut() if number % 2 else line.fall_silent()
        await ward.written(TWO_SECONDS)
        for line in ward.parts.to_workers:
            line.mend()
        await ward.flows(1)
    await ward.judge()
