import asyncio

import pytest

from hubs import directory
from hubs.actions import action
from hubs.follows import LONGEST, Follows
from hubs.hub import Hub
from hubs.models import Connection
from hubs.permissions import AllowAny
from hubs.testing import HubCommunicator
from hubs.worker import current_worker

pytestmark = pytest.mark.django_db(transaction=True)


class Desk(Hub):
    permission_classes = [AllowAny]

    @action
    async def join(self, group: str) -> None:
        await self.groups.add(group)

    @action
    async def leave(self, group: str) -> None:
        await self.groups.remove(group)


async def shown(follows: Follows) -> list[str]:
    await follows.write(current_worker().registry)
    return sorted([each async for each in Connection.objects.values_list("follows", flat=True)])


class Silent(Follows):
    """The worker's own, which a sign of life in this very moment would have write beside the test's."""

    async def write(self, connections):
        pass


async def test_the_row_of_a_connection_says_what_it_follows_and_no_longer_what_it_did(
    monkeypatch,
):
    monkeypatch.setattr("hubs.worker.Follows", Silent)
    follows = Follows()
    async with HubCommunicator(Desk) as client:
        await client.invoke("Join", "ward:icu")
        await client.invoke("Join", "night")
        assert await shown(follows) == ["night ward:icu"]
        await client.invoke("Leave", "night")
        assert await shown(follows) == ["ward:icu"]
        await client.invoke("Leave", "ward:icu")
        assert await shown(follows) == [""]
        await client.invoke("Join", "x" * 2 * LONGEST)
        assert await shown(follows) == ["x" * LONGEST]


async def test_what_has_not_changed_is_not_written_again(monkeypatch):
    written: list[str] = []
    show = directory.show_follows

    def noted(changed):
        written.extend(changed.values())
        show(changed)

    monkeypatch.setattr(directory, "show_follows", noted)
    follows = Follows()
    monkeypatch.setattr("hubs.worker.Follows", Silent)
    async with HubCommunicator(Desk) as one, HubCommunicator(Desk) as other, HubCommunicator(Desk):
        for client in (one, other):
            await client.invoke("Join", "ward:icu")
        assert await shown(follows) == ["", "ward:icu", "ward:icu"]
        await shown(follows)
    assert written == ["ward:icu"] * 2


async def test_the_database_may_be_away_for_a_while(monkeypatch):
    follows = Follows()
    async with HubCommunicator(Desk) as client:
        await client.invoke("Join", "ward:icu")
        with monkeypatch.context() as broken:
            broken.setattr(directory, "show_follows", _fail)
            with pytest.raises(OSError, match="away"):
                await shown(follows)
        assert await shown(follows) == ["ward:icu"]


def _fail(changed):
    raise OSError("away")


async def test_a_worker_writes_it_with_its_sign_of_life(monkeypatch):
    monkeypatch.setattr("hubs.worker.HEARTBEAT", 0.02)
    async with HubCommunicator(Desk) as client:
        await client.invoke("Join", "ward:icu")
        async with asyncio.timeout(5):
            while not await Connection.objects.filter(follows="ward:icu").aexists():
                pass
