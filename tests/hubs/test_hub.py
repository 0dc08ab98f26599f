import pytest
from channels.consumer import AsyncConsumer

from hubs.actions import action
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.testing import HubCommunicator
from tests.hubs.tokens import user

pytestmark = pytest.mark.django_db(transaction=True)


class Desk(Hub):
    permission_classes = [AllowAny]

    async def on_connected(self):
        self.items["calls"] = 0

    @action
    async def count(self) -> int:
        self.items["calls"] += 1
        return self.items["calls"]

    @action
    async def about_me(self) -> list[object]:
        return [self.user.is_authenticated, self.user.pk, dict(self.claims), self.scope["path"]]

    @action
    async def same_object(self) -> int:
        return id(self)


def test_a_hub_is_a_consumer_of_channels():
    assert issubclass(Hub, AsyncConsumer)
    assert Desk.as_asgi().consumer_class is Desk


async def test_what_a_hub_keeps_is_kept_for_one_connection():
    async with HubCommunicator(Desk) as first, HubCommunicator(Desk) as second:
        assert [await first.invoke("Count"), await first.invoke("Count")] == [1, 2]
        assert await second.invoke("Count") == 1


async def test_there_is_one_object_a_connection():
    async with HubCommunicator(Desk) as first, HubCommunicator(Desk) as second:
        assert await first.invoke("SameObject") == await first.invoke("SameObject")
        assert await first.invoke("SameObject") != await second.invoke("SameObject")


async def test_a_hub_knows_the_user_the_claims_and_the_request():
    async with HubCommunicator(Desk, user=user(7), claims={"role": "Nurse"}, path="/hubs/x") as client:
        assert await client.invoke("AboutMe") == [True, 7, {"role": "Nurse"}, "/hubs/x"]


async def test_without_a_token_the_user_is_nobody():
    async with HubCommunicator(Desk) as client:
        assert await client.invoke("AboutMe") == [False, None, {}, "/hubs/test"]


async def test_a_hub_may_set_limits_of_its_own():
    class Small(Desk):
        options = {"MAXIMUM_RECEIVE_MESSAGE_SIZE": 100}

    async with HubCommunicator(Small) as client:
        await client.send_text("x" * 101)
        assert (await client.receive_close()).allow_reconnect


@pytest.mark.parametrize("kind", ["hubs.wake", "on_connected", "websocket.receive", "abort"])
async def test_AZ_6_no_message_type_of_a_client_reaches_a_method(kind):
    async with HubCommunicator(Desk) as client:
        await client.send_text(f'{{"type":99,"kind":"{kind}"}}\x1e')
        assert await client.invoke("Count") == 1
