import asyncio
import threading

import pytest

from hubs import connection_tokens, directory
from hubs.actions import action
from hubs.executor import run
from hubs.hub import Hub
from hubs.models import Connection
from hubs.permissions import AllowAny
from hubs.testing import HubCommunicator
from hubs.worker import existing_worker

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
