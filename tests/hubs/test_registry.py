import pytest

from hubs.actions import action
from hubs.audience import Audience
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.testing import HubCommunicator
from hubs.worker import existing_worker
from tests.hubs.tokens import user

pytestmark = pytest.mark.django_db(transaction=True)


class Ward(Hub):
    permission_classes = [AllowAny]

    @action
    async def own_id(self) -> str:
        return self.connection_id

    @action
    async def join(self, group: str) -> None:
        await self.groups.add(group)


async def test_a_connection_is_known_from_its_handshake_to_its_end():
    async with HubCommunicator(Ward) as witness:
        registry = existing_worker().registry
        newcomer = HubCommunicator(Ward, user=user(7))
        await newcomer.upgrade()
        assert len(registry) == 1
        await newcomer.send_text('{"protocol":"json","version":1}\x1e')
        connection_id = await newcomer_id(newcomer)
        assert registry.get(connection_id).user_id == "7"
        assert {each.id for each in registry} == {connection_id, await witness.invoke("OwnId")}
        await newcomer.disconnect()
        assert registry.get(connection_id) is None
        assert len(registry) == 1


async def newcomer_id(client: HubCommunicator) -> str:
    assert (await client.receive_output())["text"] == "{}\x1e"
    return await client.invoke("OwnId")


async def test_the_groups_of_a_connection_end_with_it():
    async with HubCommunicator(Ward) as witness:
        async with HubCommunicator(Ward) as client:
            await client.invoke("Join", "icu")
            connection = existing_worker().registry.get(await client.invoke("OwnId"))
            assert connection.groups == {"icu"}
        assert connection.groups == set()
        assert await witness.invoke("OwnId")


async def test_who_has_left_meanwhile_is_put_into_no_group():
    async with HubCommunicator(Ward) as witness:
        async with HubCommunicator(Ward) as client:
            registry = existing_worker().registry
            connection = registry.get(await client.invoke("OwnId"))
        registry.join(connection, "icu")
        assert connection.groups == set()
        assert registry.select(Audience(connection.hub_name, "group", ("icu",))) == []
        assert await witness.invoke("OwnId")


async def test_an_id_stays_used_until_its_token_could_open_nothing_any_more(clock):
    async with HubCommunicator(Ward) as witness:
        registry = existing_worker().registry
        async with HubCommunicator(Ward) as client:
            connection_id = await client.invoke("OwnId")
        assert registry.is_used(connection_id)
        clock.advance(15)
        assert registry.is_used(connection_id)
        clock.advance(2)
        assert not registry.is_used(connection_id)
        assert await witness.invoke("OwnId")
