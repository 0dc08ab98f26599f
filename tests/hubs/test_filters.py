import pytest

from hubs.actions import action
from hubs.errors import HubError
from hubs.filters import HubFilter
from hubs.hub import Hub
from hubs.permissions import AllowAny, BasePermission
from hubs.protocol.messages import Close
from hubs.testing import HubCommunicator

pytestmark = pytest.mark.django_db(transaction=True)

journal: list[str] = []


@pytest.fixture(autouse=True)
def _empty_journal():
    journal.clear()


class Noted(HubFilter):
    async def invoke(self, call, proceed):
        journal.append(f"{type(self).__name__} before {call.action.name}")
        result = await proceed()
        journal.append(f"{type(self).__name__} after")
        return result

    async def connect(self, hub, proceed):
        journal.append(f"{type(self).__name__} connect")
        await proceed()

    async def disconnect(self, hub, error, proceed):
        await proceed()
        journal.append(f"{type(self).__name__} disconnect {error}")


class Outer(Noted): ...


class Inner(Noted): ...


class Doubles(HubFilter):
    async def invoke(self, call, proceed):
        return 2 * await proceed()


class Refuses(HubFilter):
    async def invoke(self, call, proceed):
        raise HubError("Not now.")


class RefusesConnect(HubFilter):
    async def connect(self, hub, proceed):
        raise HubError("Not here.")


class Desk(Hub):
    permission_classes = [AllowAny]

    @action
    async def echo(self, value: int) -> int:
        journal.append("action")
        return value

    @action
    async def count(self, end: int):
        for number in range(end):
            yield number

    @action(permission_classes=[BasePermission])
    async def closed(self) -> None: ...

    async def on_connected(self):
        journal.append("on_connected")


def with_filters(*filters) -> type[Hub]:
    return type("Filtered", (Desk,), {"filters": filters})


async def test_filters_run_from_the_outside_to_the_inside_and_back(hubs):
    hubs(FILTERS=["tests.hubs.test_filters.Outer"])
    async with HubCommunicator(with_filters(Inner)) as client:
        assert await client.invoke("Echo", 1) == 1
    assert journal == [
        "Outer connect",
        "Inner connect",
        "on_connected",
        "Outer before Echo",
        "Inner before Echo",
        "action",
        "Inner after",
        "Outer after",
        "Inner disconnect None",
        "Outer disconnect None",
    ]


async def test_a_filter_may_change_the_result():
    async with HubCommunicator(with_filters(Doubles)) as client:
        assert await client.invoke("Echo", 21) == 42


async def test_a_filter_that_refuses_fails_the_call_and_the_action_is_not_run():
    async with HubCommunicator(with_filters(Refuses)) as client:
        with pytest.raises(HubError, match=r"HubException: Not now\.$"):
            await client.invoke("Echo", 1)
    assert "action" not in journal


async def test_a_filter_that_refuses_the_connect_closes_for_good():
    async with HubCommunicator(with_filters(RefusesConnect)) as client:
        assert await client.receive_close() == Close(
            "Connection closed with an error. HubException: Not here.", False
        )
    assert "on_connected" not in journal


async def test_a_stream_passes_the_filters():
    async with HubCommunicator(with_filters(Inner)) as client:
        assert [item async for item in client.stream("Count", 3)] == [0, 1, 2]
    assert "Inner before Count" in journal


async def test_what_is_unknown_badly_shaped_or_forbidden_is_not_seen():
    async with HubCommunicator(with_filters(Inner)) as client:
        for target, arguments in (("Missing", []), ("Echo", ["x"]), ("Closed", [])):
            with pytest.raises(HubError):
                await client.invoke(target, *arguments)
    assert not [line for line in journal if "before" in line]
