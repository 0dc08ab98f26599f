"""What hubs need of a channel layer: one suite for channels_redis' two layers and for Channels' own."""

import asyncio
import uuid
from typing import Any

import pytest
import redis
from channels import layers
from django.utils.module_loading import import_string

from config.run import commands
from hubs import layer
from hubs.actions import action
from hubs.clients import disconnect, hub_context
from hubs.feeds import wake
from hubs.feeds.pump import Pump
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.testing import TIMEOUT, HubCommunicator
from hubs.worker import current_worker
from tests import servers
from tests.layers import LayersByLoop, layer_of_kind

pytestmark = pytest.mark.django_db(transaction=True)

real = pytest.mark.parametrize("kind", ["pubsub", "core"])


class Ward(Hub):
    permission_classes = [AllowAny]

    @action
    async def me(self) -> str:
        return self.connection_id

    @action
    async def join(self, group: str) -> None:
        await self.groups.add(group)

    @action
    async def leave(self, group: str) -> None:
        await self.groups.remove(group)

    @action
    async def call(self, group: str, word: Any) -> None:
        await self.clients.group(group).send("Called", word)


everybody = hub_context(Ward)


class Person:
    is_authenticated = True

    def __init__(self, pk: str) -> None:
        self.pk = self.id = pk


@pytest.fixture(params=["pubsub", "core", "memory"])
def kind(request):
    return request.param


@pytest.fixture
def own_layer(kind, valkey, settings, monkeypatch):
    """The layer under test, under a prefix of its own, one instance a loop."""
    use(layer_of_kind(kind, valkey.url, secret="tests", prefix=uuid.uuid4().hex), settings, monkeypatch, kind)


def use(entry, settings, monkeypatch, kind) -> None:
    settings.CHANNEL_LAYERS = {"default": entry}
    if kind != "memory":
        monkeypatch.setattr(layers, "channel_layers", LayersByLoop())


@pytest.fixture
def there(kind, elsewhere):
    """Another worker where the layer reaches one, this one where it does not."""

    async def here(coroutine):
        return await coroutine

    return here if kind == "memory" else elsewhere


async def listening() -> None:
    async with asyncio.timeout(TIMEOUT):
        await current_worker().backplane.listening.wait()


@pytest.fixture
async def near(own_layer):
    """A client of this worker."""
    async with HubCommunicator(Ward, user=Person("near")) as client:
        await listening()
        yield client


@pytest.fixture
async def far(own_layer, there):
    """A client of the other worker."""
    client = HubCommunicator(Ward, user=Person("far"))
    await there(client.connect())
    await there(listening())
    yield client
    await there(client.disconnect())


async def test_a_group_is_reached_on_every_worker_and_nobody_else(near, far, there):
    await near.invoke("Join", "icu")
    await there(far.invoke("Join", "icu"))
    async with HubCommunicator(Ward) as stranger:
        await near.invoke("Call", "icu", "now")
        assert await near.receive("Called") == ["now"]
        assert await there(far.receive("Called")) == ["now"]
        assert await stranger.receive_nothing()


async def test_who_has_left_a_group_hears_no_more_of_it(near, far, there):
    await there(far.invoke("Join", "icu"))
    await there(far.invoke("Leave", "icu"))
    await near.invoke("Call", "icu", "now")
    await everybody.clients.all.send("Fence")
    await there(far.receive("Fence"))
    assert await there(far.receive_nothing())


async def test_a_connection_of_another_worker_is_put_into_a_group_and_taken_out(near, far, there):
    far_id = await there(far.invoke("Me"))
    await everybody.groups.add("icu", far_id)
    await near.invoke("Call", "icu", "in")
    assert await there(far.receive("Called")) == ["in"]
    await everybody.groups.remove("icu", far_id)
    await near.invoke("Call", "icu", "out")
    await everybody.clients.all.send("Fence")
    await there(far.receive("Fence"))
    assert await there(far.receive_nothing())


async def test_a_user_a_connection_and_all_but_one_are_reached_from_another_worker(near, far, there):
    near_id, far_id = await near.invoke("Me"), await there(far.invoke("Me"))
    await everybody.clients.user("far").send("ToUser")
    await everybody.clients.client(far_id).send("ToConnection")
    await everybody.clients.all_except([near_id]).send("ToOthers")
    for method in ("ToUser", "ToConnection", "ToOthers"):
        assert await there(far.receive(method)) == []
    assert await near.receive_nothing()


async def test_what_one_worker_sends_arrives_in_its_order(near, far, there):
    for number in range(200):
        await everybody.clients.user("far").send("Number", number)
    for number in range(200):
        assert await there(far.receive("Number")) == [number]


async def test_synchronous_code_reaches_and_disconnects_clients(near, far, there):
    await asyncio.to_thread(everybody.clients.user("far").send_sync, "Called", "now")
    assert await there(far.receive("Called")) == ["now"]
    await asyncio.to_thread(disconnect, Ward, user="far")
    await there(far.receive_close())


async def test_a_wake_up_reaches_every_worker_with_the_highest_number(near, far, kind, monkeypatch):
    seen: set[tuple[Any, str, int]] = set()
    monkeypatch.setattr(Pump, "wake", lambda pump, feed, seq: seen.add((pump, feed, seq)))
    wake.wake("ward:icu", 7)
    wake.wake("ward:icu", 2**40)
    workers = 1 if kind == "memory" else 2
    async with asyncio.timeout(TIMEOUT):
        while len([each for each in seen if each[1:] == ("ward:icu", 2**40)]) < workers:  # noqa: ASYNC110 - a spy
            await asyncio.sleep(0.01)


ARGUMENTS = [None, True, -1, 2**53, 0.5, "Grüße \N{SNOWMAN}", [], {}, [[1, {"a": [None]}]], {"1": {"b": "c"}}]


async def test_a_question_and_its_answer_carry_every_value(near, far, there):
    far_id = await there(far.invoke("Me"))
    far.answer("Echo", lambda *arguments: list(arguments))
    asked = asyncio.ensure_future(everybody.clients.client(far_id).invoke("Echo", *ARGUMENTS))
    await there(far.receive_nothing(0.5))
    async with asyncio.timeout(TIMEOUT):
        assert await asked == ARGUMENTS


async def test_a_question_to_nobody_is_an_error_after_a_moment(near, monkeypatch):
    monkeypatch.setattr("hubs.backplane.ACKNOWLEDGE_DEADLINE", 0.2)
    with pytest.raises(ConnectionError, match="does not exist"):
        await everybody.clients.client("nobody").invoke("Echo")


MESSAGE = {
    "type": "hubs.try",
    "bytes": bytes(range(256)),
    "numbers": [0, -1, 2**63 - 1, 2**64 - 1, -(2**63), 0.1, float("inf")],
    "none": None,
    "flags": [True, False],
    "text": "Grüße \N{SNOWMAN} \0 end",
    "nested": {"json": b'{"type":1}\x1e', "chunks": [b"", b"\xff"], "claims": {"": []}},
}


async def test_a_channel_carries_every_type_that_hubs_put_into_it(own_layer, there):
    channel = await there(new_channel())
    received = asyncio.ensure_future(there(receive(channel)))
    await layer.send_to(channel, MESSAGE)
    async with asyncio.timeout(TIMEOUT):
        assert await received == MESSAGE


async def new_channel() -> str:
    return await layer.current().new_channel()


async def receive(channel: str) -> dict[str, Any]:
    return await layer.current().receive(channel)


async def test_a_megabyte_arrives_whole(near, far, there):
    text = "0123456789abcdef" * 65_536
    await everybody.clients.user("far").send("Called", text)
    assert await there(far.receive("Called")) == [text]


@pytest.mark.parametrize("kind", ["core", "memory"])
async def test_a_full_channel_costs_the_message_and_says_so_but_not_the_sender(
    kind, valkey, settings, monkeypatch, caplog
):
    entry = layer_of_kind(kind, valkey.url, secret="tests", prefix=uuid.uuid4().hex)
    entry = {**entry, "CONFIG": {**entry["CONFIG"], "capacity": 5}}
    use(entry, settings, monkeypatch, kind)
    channel = await layer.current().new_channel()
    await layer.current().group_add("group", channel)
    lost = []
    monkeypatch.setattr("hubs.metrics.lost", lost.append)
    with caplog.at_level("INFO"):
        for _ in range(8):
            await layer.send_to(channel, {"type": "hubs.try"})
            await layer.group_send("group", {"type": "hubs.try"})
    assert lost
    assert set(lost) == {"message"}
    assert "message lost" in caplog.text
    await layer.current().flush()


@real
async def test_AZ_6_redis_holds_no_word_that_was_sent(near, far, there, kind, valkey):
    await there(far.invoke("Join", "icu"))
    with redis.Redis.from_url(valkey.url) as watcher, watcher.monitor() as monitor:
        await near.invoke("Call", "icu", "Confidential")
        assert await there(far.receive("Called")) == ["Confidential"]
        watcher.echo("end of the test")
        commands = []
        while "end of the test" not in (command := monitor.next_command()["command"]):
            commands.append(command)
    assert any("PUBLISH" in each or "EVAL" in each for each in commands)
    assert not any("Confidential" in each for each in commands)


@real
async def test_AZ_6_what_a_stranger_puts_into_redis_reaches_nobody(far, there, settings, monkeypatch):
    """The stranger knows every name and the shape of our messages, and lacks the key."""
    monkeypatch.setattr("hubs.backplane.RETRY_AFTER", 0.05)
    entry = settings.CHANNEL_LAYERS["default"]
    stranger = import_string(entry["BACKEND"])(
        **{**entry["CONFIG"], "symmetric_encryption_keys": [b"guessed" * 5]}
    )
    with monkeypatch.context() as forging:
        forging.setitem(layers.channel_layers.backends, "default", stranger)
        await everybody.clients.all.send("Forged")

    async def arrives() -> bool:
        await everybody.clients.all.send("Called")
        return not await there(far.receive_nothing(0.1))

    async with asyncio.timeout(20):
        while not await arrives():
            pass
    assert {each.target for each in far._unread} == {"Called"}


SEND = f"from {__name__} import everybody; everybody.clients.all.send_sync('Called', 7)"


@real
async def test_another_process_reaches_the_connections_of_this_one(
    kind, valkey, settings, monkeypatch, tmp_path
):
    use(layer_of_kind(kind, valkey.url, secret=settings.SECRET_KEY), settings, monkeypatch, kind)
    environment = {**servers.site_environment(tmp_path, redis_url=valkey.url), "REDIS_LAYER": kind}
    async with HubCommunicator(Ward) as client:
        await listening()
        await asyncio.to_thread(servers.run_to_end, commands.manage("shell", "-c", SEND), environment)
        assert await client.receive("Called") == [7]
