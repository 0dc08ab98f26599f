import asyncio

import pytest
from channels.layers import get_channel_layer

from hubs.actions import action
from hubs.clients import hub_context
from hubs.conf import redis_channel_layer
from hubs.feeds import wake
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.testing import HubCommunicator
from hubs.worker import current_worker
from tests import servers

pytestmark = pytest.mark.django_db(transaction=True)


class Ward(Hub):
    permission_classes = [AllowAny]

    @action
    async def echo(self, value: int) -> int:
        return value

    @action
    async def join(self, group: str) -> None:
        await self.groups.add(group)

    @action
    async def call(self, group: str) -> None:
        await self.clients.group(group).send("Called", group)


@pytest.fixture
def own_valkey(tmp_path, settings, monkeypatch):
    """A Valkey that the test may stop; the worker looks for it again without the usual second."""
    monkeypatch.setattr("hubs.backplane.RETRY_AFTER", 0.05)
    valkey = servers.Valkey("valkey", tmp_path)
    valkey.start()
    settings.CHANNEL_LAYERS = {"default": redis_channel_layer(valkey.url, secret="tests", prefix="own")}
    yield valkey
    valkey.close()


async def listening() -> None:
    async with asyncio.timeout(5):
        await current_worker().backplane.listening.wait()


async def test_while_redis_is_away_this_workers_connections_are_reached_and_nothing_fails(
    own_valkey, monkeypatch
):
    monkeypatch.setattr("hubs.backplane.JOIN_DEADLINE", 0.05)
    async with HubCommunicator(Ward) as client, HubCommunicator(Ward) as other:
        await listening()
        own_valkey.kill()
        await other.invoke("Join", "icu")
        await client.invoke("Call", "icu")
        assert await other.receive("Called") == ["icu"]
        assert await client.invoke("Echo", 7) == 7


async def test_a_redis_that_comes_back_carries_messages_again(own_valkey, elsewhere):
    there = HubCommunicator(Ward)
    async with HubCommunicator(Ward) as here:
        await elsewhere(there.connect())
        await elsewhere(there.invoke("Join", "icu"))
        await listening()
        await elsewhere(listening())
        own_valkey.restart()

        async def arrives() -> bool:
            await here.invoke("Call", "icu")
            return not await elsewhere(there.receive_nothing(0.1))

        async with asyncio.timeout(20):
            while not await arrives():
                pass
        await elsewhere(there.disconnect())


@pytest.mark.parametrize(
    "message",
    [
        {"type": "websocket.close"},
        {"type": "hubs.unknown"},
        {"type": "hubs.answer", "number": 99, "answer": {}},
        {"type": "hubs.acknowledged", "number": 99},
        {"type": wake.MESSAGE_TYPE, "feeds": ["nobody follows this"]},
    ],
)
async def test_a_message_that_concerns_nobody_is_ignored(redis_layer, message):
    async with HubCommunicator(Ward) as client:
        await listening()
        await get_channel_layer().group_send(wake.GROUP, message)
        await hub_context(Ward).clients.all.send("Fence")
        await client.receive("Fence")
        assert await client.invoke("Echo", 7) == 7


async def test_a_channel_that_nobody_reads_any_more_gathers_nothing(redis_layer, monkeypatch):
    monkeypatch.setattr("hubs.backplane.RETRY_AFTER", 0.05)
    async with HubCommunicator(Ward) as client:
        await listening()
        backplane = current_worker().backplane
        first = backplane.channel
        await get_channel_layer().group_send(wake.GROUP, {"type": wake.MESSAGE_TYPE})
        async with asyncio.timeout(5):
            while backplane.channel == first:
                await backplane.wait_for_change_of_channel(1)
        await listening()
        await client.invoke("Join", "icu")
        layer = get_channel_layer()
        assert set(layer.channels) == {backplane.channel}
        assert all(members == {backplane.channel} for members in layer.groups.values())


async def test_a_message_of_another_version_costs_the_worker_no_more_than_a_moment(
    redis_layer, monkeypatch, elsewhere
):
    monkeypatch.setattr("hubs.backplane.RETRY_AFTER", 0.05)
    there = HubCommunicator(Ward)
    await elsewhere(there.connect())
    await elsewhere(listening())
    await get_channel_layer().group_send(wake.GROUP, {"type": wake.MESSAGE_TYPE})

    async def arrives() -> bool:
        await hub_context(Ward).clients.all.send("Called")
        return not await elsewhere(there.receive_nothing(0.1))

    async with asyncio.timeout(20):
        while not await arrives():
            pass
    await elsewhere(there.disconnect())
