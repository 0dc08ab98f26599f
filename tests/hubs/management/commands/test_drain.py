import asyncio
import threading

import pytest
from django.core.management import CommandError

from hubs import directory, shutdown
from hubs.executor import run
from hubs.models import Worker
from hubs.protocol.messages import Close
from hubs.testing import TIMEOUT, HubCommunicator
from hubs.worker import existing_worker
from tests.hubs.management.routes import Desk
from tests.hubs.polling import HANDSHAKE, PollingClient
from tests.hubs.site import site

pytestmark = pytest.mark.django_db(transaction=True)

COME_BACK = Close(None, allow_reconnect=True)


@pytest.fixture(autouse=True)
def _quickly(hubs):
    hubs(DRAIN_SECONDS=0.1)


@pytest.fixture
def elsewhere():
    """`await elsewhere(coroutine)`: runs it on another worker, in a thread with a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield lambda work: asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def connected():
    client = HubCommunicator(Desk)
    await client.connect()
    rows = Worker.objects.filter(name=worker_name()).exclude(channel="")
    async with asyncio.timeout(TIMEOUT):
        while not await rows.aexists():  # its first heartbeat may have come before its channel
            pass
    return client, worker_name()


def worker_name():
    return existing_worker().backplane.name


async def goodbye(client):
    """What the client is told, which it answers by leaving."""
    close = await client.receive_close()
    await client.send_input({"type": "websocket.disconnect", "code": 1000})
    return close


async def test_all_workers_send_their_clients_away_with_leave_to_come_back(manage, elsewhere):
    here, _ = await connected()
    there, _ = await elsewhere(connected())
    answers = await asyncio.gather(manage("drain", "--all"), goodbye(here), elsewhere(goodbye(there)))
    assert answers == ["Drained: 2.\n", COME_BACK, COME_BACK]
    await here.disconnect()
    await elsewhere(there.disconnect())


async def test_one_worker_can_be_drained_alone(manage, elsewhere):
    here, _ = await connected()
    there, name = await elsewhere(connected())
    answers = await asyncio.gather(manage("drain", "--worker", name), elsewhere(goodbye(there)))
    assert answers == ["Drained: 1.\n", COME_BACK]
    assert await here.receive_nothing()
    await here.disconnect()
    await elsewhere(there.disconnect())


async def test_who_still_comes_to_a_drained_worker_is_sent_on_and_not_refused(manage):
    client, name = await connected()
    await asyncio.gather(manage("drain", "--worker", name), goodbye(client))
    late = HubCommunicator(Desk)
    await late.connect()
    assert await goodbye(late) == COME_BACK
    await late.disconnect()
    await client.disconnect()


async def test_without_a_name_the_workers_are_listed(manage):
    client, name = await connected()
    heading, line = (await manage("drain")).splitlines()
    assert heading.split() == ["WORKER", "SINCE", "CONNECTIONS"]
    assert (line.split()[0], line.split()[-1]) == (name, "1")
    assert await client.receive_nothing()
    await client.disconnect()


async def test_an_unknown_worker_is_an_error(manage):
    with pytest.raises(CommandError, match=r"^No worker 'nobody' is running\.$"):
        await manage("drain", "--worker", "nobody")


async def test_a_worker_that_does_not_hear_is_an_error(manage):
    await run(directory.claim, directory.Entry("one", "hub", None, "WebSockets"), "deaf", "nowhere")
    with pytest.raises(CommandError, match=r"^Connections that are still open: 1\.$"):
        await manage("drain", "--worker", "deaf", "--timeout", "0")


async def test_a_worker_without_a_channel_is_an_error(manage):
    await run(directory.heartbeat, "cut-off", "", ())
    with pytest.raises(CommandError, match=r"^The worker cut-off has no channel"):
        await manage("drain", "--all")


async def test_a_channel_layer_that_is_away_is_an_error(manage, settings, unused_tcp_port):
    await run(directory.heartbeat, "one", "specific.channel!x", ())
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [f"redis://127.0.0.1:{unused_tcp_port}/0"]},
        }
    }
    with pytest.raises(CommandError, match=r"^The channel layer cannot be reached: ConnectionError\.$"):
        await manage("drain", "--all")


async def test_a_polling_client_that_has_gone_without_a_word_holds_no_worker_up(clock, ends_worker, caplog):
    client = PollingClient(site(desk=Desk))
    await client.poll()
    await client.post(HANDSHAKE)
    assert await client.poll() == (200, b"{}\x1e")
    clock.advance(1.1)
    async with asyncio.timeout(2):
        await shutdown.drain(existing_worker())
    assert "drained without all goodbyes" not in caplog.messages


async def test_a_polling_client_that_asks_again_is_waited_for(ends_worker):
    client = PollingClient(site(desk=Desk))
    await client.poll()
    await client.post(HANDSHAKE)
    assert await client.poll() == (200, b"{}\x1e")
    draining = asyncio.ensure_future(shutdown.drain(existing_worker()))
    assert await client.polled(b'"allowReconnect":true')
    assert not draining.done()
    assert await client.delete() == (202, b"")
    async with asyncio.timeout(2):
        await draining
