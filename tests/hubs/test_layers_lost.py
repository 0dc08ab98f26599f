"""Redis as hospitals run it, and what hubs do when it restarts, forgets, falls silent or moves."""

import asyncio
import signal
import uuid

import pytest
import redis
from channels import layers

from hubs import layer
from hubs.actions import action
from hubs.clients import hub_context
from hubs.conf import redis_channel_layer
from hubs.feeds import wake
from hubs.feeds.pump import Pump
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.redis_urls import ping
from hubs.testing import TIMEOUT, HubCommunicator
from hubs.worker import current_worker
from tests import servers
from tests.certificates import Authority
from tests.layers import LayersByLoop, close_sentinels
from tests.redis_servers import ProtectedValkey, Replicated, TlsDoor

pytestmark = pytest.mark.django_db(transaction=True)

RECOVERS_WITHIN = 40.0


class Ward(Hub):
    permission_classes = [AllowAny]

    @action
    async def join(self, group: str) -> None:
        await self.groups.add(group)


everybody = hub_context(Ward)


@pytest.fixture(params=["pubsub", "core"])
def kind(request):
    return request.param


@pytest.fixture
def use(kind, settings, monkeypatch):
    """`use(url)`: from now on the layer under test is there."""

    def change(url: str, ca: str = "") -> None:
        entry = redis_channel_layer(url, secret="tests", prefix=uuid.uuid4().hex, ca=ca, layer=kind)
        settings.CHANNEL_LAYERS = {"default": entry}
        monkeypatch.setattr(layers, "channel_layers", LayersByLoop())

    monkeypatch.setattr("hubs.backplane.RETRY_AFTER", 0.1)
    return change


@pytest.fixture
def own_valkey(tmp_path):
    valkey = servers.Valkey("valkey", tmp_path)
    valkey.start()
    yield valkey
    valkey.close()


@pytest.fixture
def replicated(tmp_path):
    replicated = Replicated(tmp_path)
    replicated.start()
    yield replicated
    replicated.close()


async def listening() -> None:
    async with asyncio.timeout(TIMEOUT):
        await current_worker().backplane.listening.wait()


async def ended(client: HubCommunicator) -> None:
    await client.disconnect()
    await close_sentinels(layer.current())


class Pair:
    """A client of another worker, in a group, and whether what this worker sends reaches it."""

    def __init__(self, elsewhere) -> None:
        self._elsewhere = elsewhere
        self._far = HubCommunicator(Ward)
        self._near = HubCommunicator(Ward)
        self.woken: set[Pump] = set()

    async def __aenter__(self) -> "Pair":
        await self._near.connect()
        await self._elsewhere(self._far.connect())
        await self._elsewhere(self._far.invoke("Join", "icu"))
        await listening()
        await self._elsewhere(listening())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._elsewhere(ended(self._far))
        await ended(self._near)

    async def is_reached(self) -> bool:
        await everybody.clients.group("icu").send("Called")
        return not await self._elsewhere(self._far.receive_nothing(0.2))

    async def flows(self) -> None:
        """Returns when sends to the group and wake-ups arrive at both workers."""
        async with asyncio.timeout(RECOVERS_WITHIN):
            while not await self.is_reached():
                pass
            self.woken.clear()
            while len(self.woken) < 2:
                wake.wake("ward:icu", 7)
                await asyncio.sleep(0.05)


@pytest.fixture
def pair(elsewhere, monkeypatch):
    pair = Pair(elsewhere)
    monkeypatch.setattr(Pump, "wake", lambda pump, feed, seq: pair.woken.add(pump))
    return pair


async def test_a_password_is_given(use, pair, tmp_path):
    valkey = ProtectedValkey("protected", tmp_path, "s3cret%2F")
    valkey.start()
    use(valkey.url.replace("%", "%25"))
    async with pair:
        await pair.flows()
    valkey.close()


async def test_tls_is_spoken_to_a_redis_whose_authority_is_known(use, pair, valkey, tmp_path):
    authority = Authority(tmp_path)
    door = TlsDoor(authority, valkey.port)
    url = f"rediss://127.0.0.1:{door.port}/0"
    with pytest.raises(redis.ConnectionError, match="certificate verify failed"):
        await ping(url)
    use(url, authority.pem)
    async with pair:
        await pair.flows()
    await asyncio.to_thread(door.close)


@pytest.mark.long
async def test_a_redis_that_was_restarted_empty_carries_everything_again(use, pair, own_valkey):
    use(own_valkey.url)
    async with pair:
        await asyncio.to_thread(own_valkey.restart)
        await pair.flows()


@pytest.mark.long
async def test_a_redis_that_was_flushed_carries_everything_again(use, pair, own_valkey):
    use(own_valkey.url)
    async with pair:
        with redis.Redis.from_url(own_valkey.url) as operator:
            operator.flushall()
        await pair.flows()


async def test_a_member_that_the_core_layer_has_forgotten_joins_again_by_itself(
    settings, monkeypatch, pair, own_valkey
):
    monkeypatch.setattr("hubs.backplane.REJOIN_INTERVAL", 0.2)
    entry = redis_channel_layer(own_valkey.url, secret="tests", prefix="own", layer="core")
    settings.CHANNEL_LAYERS = {"default": entry}
    monkeypatch.setattr(layers, "channel_layers", LayersByLoop())
    async with pair:
        with redis.Redis.from_url(own_valkey.url) as operator:
            lost = [key for key in operator.keys("own-*:group:*") if b"hubs.echo" not in key]
            assert len(lost) >= 3
            operator.delete(*lost)
        async with asyncio.timeout(TIMEOUT):
            await pair.flows()


@pytest.mark.long
@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
async def test_after_a_failover_by_sentinel_the_new_master_carries_everything(use, pair, replicated, fault):
    use(replicated.url)
    async with pair:
        await pair.flows()
        replicated.master.process.signal(fault)
        await pair.flows()
        with redis.Redis.from_url(replicated.replica.url) as promoted:
            assert promoted.info("replication")["role"] == "master"
