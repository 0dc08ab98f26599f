import pytest
from channels.testing import ApplicationCommunicator

from hubs.actions import action
from hubs.errors import HubError
from hubs.hub import Hub
from hubs.permissions import AllowAny, BasePermission, IsAuthenticated
from hubs.protocol.messages import Close
from hubs.testing import HubCommunicator, UpgradeRefused
from hubs.worker import existing_worker
from tests.hubs.tokens import user

pytestmark = pytest.mark.django_db(transaction=True)


class Desk(Hub):
    permission_classes = [AllowAny]

    @action
    async def double(self, number: int) -> int:
        return number * 2

    @action
    async def refuse(self) -> None:
        raise HubError("not today")

    @action
    async def who(self) -> list[object]:
        return [self.user.pk, self.claims.get("role")]

    @action
    async def call(self) -> None:
        await self.clients.caller.send("Rang", "once", {"times": 1})
        await self.clients.caller.send("Rang", "twice", {"times": 2})

    @action
    async def count_to(self, end: int):
        for number in range(1, end + 1):
            yield number

    @action
    async def ask(self) -> str:
        return await self.clients.caller.invoke("Name", "please", result_type=str)

    @action
    async def leave(self) -> None:
        self.abort()

    @action
    async def query_member(self) -> list[str]:
        return self.connection.query["ward"]


class Closed(Hub):
    permission_classes = [IsAuthenticated]


async def test_is_a_communicator_of_channels():
    async with HubCommunicator(Desk) as client:
        assert isinstance(client, ApplicationCommunicator)


async def test_invoke_answers_the_result():
    async with HubCommunicator(Desk) as client:
        assert await client.invoke("Double", 21) == 42


async def test_invoke_raises_the_text_of_the_wire():
    async with HubCommunicator(Desk) as client:
        with pytest.raises(HubError, match=r"^An unexpected error .* HubException: not today$"):
            await client.invoke("Refuse")


async def test_the_hub_sees_the_user_and_the_claims():
    async with HubCommunicator(Desk, user=user(7), claims={"role": "Nurse"}) as client:
        assert await client.invoke("Who") == [7, "Nurse"]


async def test_without_a_user_the_hub_sees_nobody():
    async with HubCommunicator(Desk) as client:
        assert await client.invoke("Who") == [None, None]


async def test_the_query_reaches_the_hub():
    async with HubCommunicator(Desk, query="ward=icu") as client:
        assert await client.invoke("QueryMember") == ["icu"]


async def test_receive_takes_the_calls_of_one_client_method_in_their_order():
    async with HubCommunicator(Desk) as client:
        await client.send("Call")
        assert await client.receive("rang") == ["once", {"times": 1}]
        assert await client.receive("Rang") == ["twice", {"times": 2}]
        assert await client.receive_nothing()


async def test_an_unread_call_is_something():
    async with HubCommunicator(Desk) as client:
        await client.invoke("Call")
        assert not await client.receive_nothing()


async def test_stream_yields_the_items():
    async with HubCommunicator(Desk) as client:
        assert [item async for item in client.stream("CountTo", 3)] == [1, 2, 3]


async def test_answer_gives_the_hub_what_it_asks_for():
    async with HubCommunicator(Desk) as client:
        client.answer("Name", lambda word: f"Ann, {word}")
        assert await client.invoke("Ask") == "Ann, please"


async def test_a_question_nobody_answers_fails_as_in_the_stock_client():
    async with HubCommunicator(Desk) as client:
        with pytest.raises(HubError, match="Client didn't provide a result"):
            await client.invoke("Ask")


async def test_receive_close_answers_the_goodbye():
    async with HubCommunicator(Desk) as client:
        await client.send("Leave")
        assert await client.receive_close() == Close()


async def test_a_refused_client_gets_the_status():
    client = HubCommunicator(Closed)
    with pytest.raises(UpgradeRefused) as refusal:
        await client.connect()
    assert refusal.value.status == 401
    await client.disconnect()


async def test_a_route_with_permission_classes_can_stand_for_the_hub():
    route = Desk.as_asgi(permission_classes=[BasePermission])
    client = HubCommunicator(route, user=user(1))
    with pytest.raises(UpgradeRefused, match="403"):
        await client.connect()
    await client.disconnect()


async def test_the_last_to_leave_ends_the_worker_of_the_loop():
    async with HubCommunicator(Desk) as first:
        async with HubCommunicator(Desk):
            pass
        assert existing_worker() is not None
        assert await first.invoke("Double", 1) == 2
    assert existing_worker() is None


async def test_the_fixture_connects_any_number_of_clients(connect_to_hub):
    nurse = await connect_to_hub(Desk, user=user(1))
    doctor = await connect_to_hub(Desk, user=user(2))
    assert [await nurse.invoke("Who"), await doctor.invoke("Who")] == [[1, None], [2, None]]
