import asyncio

import pytest
import redis

from hubs import models
from hubs.actions import action
from hubs.connection import Connection
from hubs.executor import run
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.protocol.messages import Close, Ping
from hubs.testing import HubCommunicator
from hubs.worker import existing_worker
from tests.hubs.site import http, site
from tests.hubs.tokens import user

pytestmark = pytest.mark.django_db(transaction=True)

PING = '{"type":6}\x1e'


class Desk(Hub):
    permission_classes = [AllowAny]
    ends: list[Exception | None]

    @action
    async def echo(self, value: int) -> int:
        return value

    @action
    async def leave(self) -> None:
        self.abort()

    @action
    async def flood(self, size: int) -> None:
        await self.clients.all.send("Flooded", "x" * size)

    async def on_disconnected(self, error):
        self.ends.append(error)


@pytest.fixture
def desk() -> type[Desk]:
    class Fresh(Desk):
        ends = []

    return Fresh


async def pinged(client: HubCommunicator) -> None:
    """Waits for the server's ping, which shows that the worker has looked at the connection."""
    assert (await client.receive_output())["text"] == PING


def reasons(caplog) -> list[str]:
    return [record.reason for record in caplog.records if record.message == "disconnected"]


async def test_SE_8_a_client_is_pinged_at_every_interval(clock, desk):
    async with HubCommunicator(desk) as client:
        for _ in range(3):
            clock.advance(15.1)
            await pinged(client)
        assert await client.receive_nothing()


async def test_a_hub_that_wants_pings_more_often_than_once_a_second_has_them(desk):
    desk.options = {"KEEP_ALIVE_INTERVAL": 0.05}
    async with HubCommunicator(desk) as client:
        async with asyncio.timeout(0.9):  # the worker looks once a second otherwise
            for _ in range(3):
                await pinged(client)


async def test_a_silent_client_that_has_never_pinged_is_left_alone(clock, desk):
    async with HubCommunicator(desk) as client:
        await client.invoke("Echo", 1)
        for _ in range(4):
            clock.advance(100)
            await pinged(client)
        assert await client.invoke("Echo", 1) == 1


async def test_SE_8_a_client_that_has_pinged_and_then_is_silent_times_out_and_may_come_back(
    clock, desk, caplog
):
    async with HubCommunicator(desk) as client:
        await client.send_message(Ping())
        await client.invoke("Echo", 1)
        clock.advance(30.1)
        assert await client.receive_close() == Close("Connection closed with an error.", True)
    assert reasons(caplog) == ["client timed out"]
    assert isinstance(desk.ends[0], ConnectionError)


@pytest.mark.parametrize("sign_of_life", [PING, '{"type":99}\x1e', '{"type":'])
async def test_whatever_comes_is_a_sign_of_life(clock, desk, sign_of_life):
    async with HubCommunicator(desk) as client:
        await client.send_message(Ping())
        await client.invoke("Echo", 1)
        clock.advance(20)
        await pinged(client)
        await client.send_text(sign_of_life)
        await asyncio.sleep(0)
        clock.advance(20)
        await pinged(client)


async def test_SE_1_a_connection_ends_with_its_token_and_its_client_may_come_back_with_another(
    clock, desk, caplog
):
    async with HubCommunicator(desk, user=user(1), expires_in=900) as client:
        clock.advance(899)
        await pinged(client)
        clock.advance(2)
        assert await client.receive_close() == Close(None, True)
    assert [record.reason for record in caplog.records if record.message == "disconnected"] == [
        "token expired"
    ]


async def test_a_connection_that_cannot_be_looked_at_keeps_no_other_beyond_its_token(
    clock, desk, monkeypatch, caplog
):
    ping = Connection.ping

    def fails_for_nobody(connection, now):
        if connection.user_id is None:
            raise LookupError
        ping(connection, now)

    monkeypatch.setattr(Connection, "ping", fails_for_nobody)
    async with HubCommunicator(desk), HubCommunicator(desk, user=user(1), expires_in=900) as client:
        clock.advance(900)
        assert await client.receive_close() == Close(None, allow_reconnect=True)
    assert "a connection could not be looked at" in caplog.messages


async def test_without_the_setting_a_connection_outlives_its_token(clock, desk, hubs):
    hubs(CLOSE_ON_EXPIRATION=False)
    async with HubCommunicator(desk, user=user(1), expires_in=900) as client:
        clock.advance(1000)
        await pinged(client)
        assert await client.invoke("Echo", 1) == 1


async def test_a_client_that_does_not_answer_our_close_is_given_up(clock, desk):
    client = HubCommunicator(desk)
    await client.connect()
    await client.send("Leave")
    await client.receive_close()
    clock.advance(6)
    await asyncio.wait_for(client.future, 2)
    assert desk.ends == [None]
    await client.disconnect()


def slow(client: HubCommunicator) -> HubCommunicator:
    """A client that takes one frame and then reads no more until asked."""
    client._output_queue = asyncio.Queue(1)
    return client


async def test_a_slow_reader_is_given_up_within_bounds_and_nobody_else_is_affected(hubs, desk, caplog):
    hubs(MAXIMUM_SEND_BUFFER_SIZE=50_000)
    stuck = slow(HubCommunicator(desk))
    await stuck.connect()
    async with HubCommunicator(desk) as other:
        for _ in range(20):
            await other.invoke("Flood", 10_000)
            assert await other.receive("Flooded") == ["x" * 10_000]
        await asyncio.wait_for(stuck.future, 2)
        assert await other.invoke("Echo", 1) == 1
        assert stuck.output_queue.qsize() == 1
    assert reasons(caplog) == ["too slow", "client closed"]
    assert isinstance(desk.ends[0], ConnectionError)


async def test_a_reader_that_is_slow_for_a_while_gets_everything(hubs, desk):
    hubs(MAXIMUM_SEND_BUFFER_SIZE=500_000)
    pausing = slow(HubCommunicator(desk))
    await pausing.connect()
    async with HubCommunicator(desk) as other:
        for _ in range(20):
            await other.invoke("Flood", 10_000)
        for _ in range(20):
            assert await pausing.receive("Flooded") == ["x" * 10_000]
    await pausing.disconnect()


async def test_a_worker_starts_with_its_first_connection():
    assert existing_worker() is None


async def test_a_worker_has_one_channel_however_many_sockets(redis_layer, valkey, request, desk):
    server = redis.Redis.from_url(valkey.url)

    def channels() -> set[bytes]:
        return {name for name in server.pubsub_channels("*") if b"specific" in name}

    before = channels()
    clients = [HubCommunicator(desk) for _ in range(8)]
    counts = []
    for client in clients:
        await client.connect()
        async with asyncio.timeout(5):
            await existing_worker().backplane.listening.wait()
        counts.append(len(channels() - before))
    for client in clients:
        await client.disconnect()
    server.close()
    assert counts == [1] * 8


async def test_other_workers_know_from_the_first_poll_on_where_to_hand_requests(
    redis_layer, desk, ends_worker
):
    async with http(site(desk=desk)) as client:
        negotiated = (await client.post("/hubs/desk/negotiate?negotiateVersion=1")).json()
        await client.get("/hubs/desk", params={"id": negotiated["connectionToken"]})
        row = await run(models.Connection.objects.select_related("worker").get, id=negotiated["connectionId"])
        assert row.worker.channel == existing_worker().backplane.channel
