"""Redis goes, hangs, forgets or moves: it costs seconds, no event, and no screen its place."""

from pathlib import Path

import pytest
import redis

from tests.faults.ward.fault import fault
from tests.faults.ward.parts import Parts
from tests.faults.ward.scene import Scene
from tests.servers import Valkey

pytestmark = pytest.mark.long


@fault("Redis killed", ("PostgreSQL", "Daphne"), ("SQLite", "uvicorn"))
async def test_events_flow_while_redis_is_gone(ward: Scene) -> None:
    ward.parts.valkey.kill()
    await ward.flows()
    await ward.join(ward.newcomer())
    await ward.parts.start(ward.parts.valkey)
    await ward.flows()
    await ward.judge()


@fault("Redis frozen", ("PostgreSQL", "Daphne"))
async def test_events_flow_while_redis_hangs(ward: Scene) -> None:
    ward.parts.valkey.freeze()
    await ward.flows()
    await ward.join(ward.newcomer())
    ward.parts.valkey.thaw()
    await ward.flows()
    await ward.judge()


@fault("Redis flushed", ("PostgreSQL", "Daphne"))
async def test_events_flow_when_redis_forgets_everything(ward: Scene) -> None:
    with redis.Redis(port=ward.parts.valkey.port) as client:
        client.flushall()
    await ward.flows()
    await ward.join(ward.newcomer())
    await ward.judge()


@fault("Redis failed over to its replica", ("PostgreSQL", "Daphne"))
async def test_events_flow_when_a_replica_takes_over(ward: Scene, tmp_path: Path) -> None:
    replica = Valkey("replica", tmp_path)
    try:
        await ward.parts.start(replica)
        with redis.Redis(port=replica.port) as client:
            client.replicaof("127.0.0.1", ward.parts.valkey.port)
            await ward.until(lambda: client.info("replication")["master_link_status"] == "up")
            ward.parts.valkey.kill()
            client.replicaof("NO", "ONE")
        _lead_to(ward.parts, replica)
        await ward.flows()
        await ward.join(ward.newcomer())
        await ward.judge()
    finally:
        replica.close()


def _lead_to(parts: Parts, valkey: Valkey) -> None:
    for line in (*parts.to_redis, parts.writers_line):
        line.target = valkey.port


@fault("Network between a worker and Redis silent, then cut", ("PostgreSQL", "Daphne"))
async def test_a_worker_without_redis_serves_its_readers(ward: Scene) -> None:
    line = ward.parts.to_redis[0]
    line.fall_silent()
    await ward.flows()
    line.cut()
    await ward.flows()
    line.mend()
    await ward.flows()
    await ward.judge()
