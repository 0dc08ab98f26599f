"""Redis goes, hangs, forgets or moves: it costs seconds, no event, and no screen its place."""

import pytest
import redis

from tests.faults.ward.fault import fault
from tests.faults.ward.scene import Scene
from tests.redis_servers import ProtectedValkey

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


@fault("Redis failed over by its Sentinel", ("PostgreSQL", "Daphne"), sentinel=True)
async def test_events_flow_when_a_replica_takes_over(ward: Scene) -> None:
    replicated = ward.parts.replicated
    assert replicated is not None
    replicated.master.kill()
    await ward.flows()
    await ward.until(lambda: _is_master(replicated.replica))
    await ward.join(ward.newcomer())
    await ward.judge()


def _is_master(server: ProtectedValkey) -> bool:
    with redis.Redis(port=server.port, password=server.password) as client:
        return bool(client.info("replication")["role"] == "master")


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
