import asyncio
import threading

import pytest

from hubs import connection_tokens, directory, errors
from hubs.actions import action
from hubs.executor import run
from hubs.hub import Hub
from hubs.models import Connection
from hubs.permissions import AllowAny
from hubs.testing import HubCommunicator, UpgradeRefused
from hubs.worker import existing_worker
from tests.hubs.metrics import counted
from tests.hubs.polling import HANDSHAKE, PollingClient
from tests.hubs.site import site
from tests.hubs.tokens import user

pytestmark = pytest.mark.django_db(transaction=True)


class Desk(Hub):
    permission_classes = [AllowAny]

    @action
    async def own_id(self) -> str:
        return self.connection_id


class Slow:
    """A database that takes its time for one claim."""

    def __init__(self, monkeypatch) -> None:
        self.has_begun = asyncio.Event()
        self.may_end = threading.Event()
        claim, loop = directory.claim, asyncio.get_running_loop()

        def slowly(*arguments):
            loop.call_soon_threadsafe(self.has_begun.set)
            self.may_end.wait(5)
            return claim(*arguments)

        monkeypatch.setattr(directory, "claim", slowly)


async def ended(connection_id: str) -> bool:
    return await run(Connection.objects.filter(id=connection_id).exclude(ended_at=None).exists)


async def test_an_id_is_single_use_as_its_row_says():
    async with HubCommunicator(Desk) as witness, HubCommunicator(Desk) as client:
        connection_id = await client.invoke("OwnId")
        assert not await ended(connection_id)
        await client.disconnect()
        assert await ended(connection_id)
        assert await witness.invoke("OwnId")


async def test_a_request_that_ends_while_its_row_is_written_leaves_no_connection_behind(monkeypatch):
    async with HubCommunicator(Desk):
        _, token = connection_tokens.issue(hub="/hubs/test", user=None, version=1)
        slow = Slow(monkeypatch)
        client = HubCommunicator(Desk, query=f"id={token}")
        await client.send_input({"type": "websocket.connect"})
        await slow.has_begun.wait()
        client.future.cancel()
        await asyncio.wait({client.future})
        slow.may_end.set()
        async with asyncio.timeout(5):
            while owned := existing_worker()._owned:
                await asyncio.wait(owned)
        assert await ended(token[:22])


async def test_an_address_of_any_length_is_no_obstacle():
    async with HubCommunicator(Desk):
        worker = existing_worker().backplane.name
        entry = directory.Entry("a" * 22, "desk", None, "WebSockets", "6.6.6.6, " * 100)
        assert await run(directory.claim, entry, worker, "")
        assert len((await Connection.objects.aget(id="a" * 22)).address) == 64


async def refused(communicator: HubCommunicator) -> tuple[int, str]:
    with pytest.raises(UpgradeRefused) as refused:
        await communicator.connect()
    await communicator.disconnect()
    return refused.value.status, refused.value.text


async def test_DS_1_who_has_enough_connections_gets_no_further_one_until_one_has_ended(hubs, caplog):
    hubs(MAXIMUM_CONNECTIONS_PER_USER=2)
    before = counted("hubs_refused_total", reason="too many connections")
    async with HubCommunicator(Desk, user=user(7)) as first, HubCommunicator(Desk, user=user(7)):
        assert await refused(HubCommunicator(Desk, user=user(7))) == (429, errors.TOO_MANY_CONNECTIONS)
        (line,) = [record for record in caplog.records if record.message == "refused"]
        assert (line.reason, line.user, line.address) == ("too many connections: user", "7", "127.0.0.1")
        assert counted("hubs_refused_total", reason="too many connections") == before + 1
        async with HubCommunicator(Desk, user=user(8)):
            await first.disconnect()
            async with HubCommunicator(Desk, user=user(7)):
                pass


async def test_DS_1_the_connections_at_other_workers_count_too(hubs, elsewhere):
    hubs(MAXIMUM_CONNECTIONS_PER_USER=1)
    async with HubCommunicator(Desk, user=user(7)):
        assert (await elsewhere(refused(HubCommunicator(Desk, user=user(7)))))[0] == 429


@pytest.mark.parametrize(("setting", "status"), [("USER", 429), ("ADDRESS", 429), ("WORKER", 503)])
async def test_DS_1_every_transport_and_a_first_post_count(hubs, setting, status):
    hubs(**{f"MAXIMUM_CONNECTIONS_PER_{setting}": 1})
    application = site(desk=Desk)
    async with HubCommunicator(Desk, user=user(1)) as witness:
        late = PollingClient(application)
        answer = (status, errors.TOO_MANY_CONNECTIONS.encode())
        assert await late.poll() == answer
        assert await late.post(HANDSHAKE) == answer
        assert await (await late.stream()).answer() == answer
        assert await witness.invoke("OwnId")


async def test_DS_1_all_that_arrive_in_one_moment_count_for_their_worker(hubs, monkeypatch):
    hubs(MAXIMUM_CONNECTIONS_PER_WORKER=3)
    async with HubCommunicator(Desk):
        slow = Slow(monkeypatch)
        arriving = [HubCommunicator(Desk) for _ in range(2)]
        for each in arriving:
            await each.send_input({"type": "websocket.connect"})
        await slow.has_begun.wait()
        while len(existing_worker().arriving) < 2:  # noqa: ASYNC110 - counted by the worker
            await asyncio.sleep(0)
        assert await refused(HubCommunicator(Desk)) == (503, errors.TOO_MANY_CONNECTIONS)
        slow.may_end.set()
        for each in arriving:
            assert (await each.receive_output())["type"] == "websocket.accept"
            await each.disconnect()
