import asyncio
from collections.abc import AsyncIterator

import pytest

from hubs.actions import action
from hubs.errors import Forbidden, HubError
from hubs.hub import Hub
from hubs.permissions import AllowAny, BasePermission
from hubs.protocol.messages import Close, Invocation

pytestmark = pytest.mark.django_db(transaction=True)


class Nobody(BasePermission):
    async def has_permission(self, request):
        return False


class Desk(Hub):
    permission_classes = [AllowAny]

    @action
    async def echo(self, value: int) -> int:
        return value

    @action(permission_classes=[Nobody])
    async def closed(self) -> None:
        return None

    @action(permission_classes=[Nobody])
    async def locked(self) -> None:
        return None

    @action
    async def forbid(self) -> None:
        raise Forbidden("Not this one.")

    @action
    async def refuse(self) -> None:
        raise HubError("Not today.")

    @action
    async def total(self, numbers: AsyncIterator[int]) -> int:
        return sum([number async for number in numbers])

    @action
    async def ask(self, question: str) -> int:
        return await self.clients.caller.invoke(question, result_type=int)


@pytest.fixture
async def client(connect_to_hub, caplog):
    caplog.set_level("INFO", "hubs")
    return await connect_to_hub(Desk)


def lines(caplog, event):
    return [record for record in caplog.records if record.message == event]


async def fails(client, name, *arguments):
    with pytest.raises(HubError):
        await client.invoke(name, *arguments)


async def test_refusals_of_one_kind_are_one_line_a_second_with_their_count(clock, client, caplog):
    for _ in range(5):
        await fails(client, "Missing")
    assert [line.count for line in lines(caplog, "call refused")] == [1]
    clock.advance(1.1)
    await fails(client, "Missing")
    assert [line.count for line in lines(caplog, "call refused")] == [1, 5]
    assert (lines(caplog, "call refused")[-1].reason, lines(caplog, "call refused")[-1].action) == (
        "unknown",
        "",
    )


async def test_another_kind_of_refusal_has_its_own_line(clock, client, caplog):
    for name, *arguments in (("Missing",), ("Echo", "x"), ("Missing",), ("Echo", "x")):
        await fails(client, name, *arguments)
    assert [line.count for line in lines(caplog, "call refused")] == [1, 1]


async def test_each_denied_action_is_named_and_counted(clock, client, caplog):
    for name in ("Closed", "Locked", "Forbid", "Closed"):
        await fails(client, name)
    await client.disconnect()
    assert [(line.levelname, line.action, line.count) for line in lines(caplog, "denied")] == [
        ("WARNING", "Closed", 1),
        ("WARNING", "Locked", 1),
        ("WARNING", "Forbid", 1),
        ("WARNING", "Closed", 1),
    ]


async def test_what_was_not_said_yet_is_said_when_the_connection_ends(clock, client, caplog):
    for _ in range(4):
        await fails(client, "Missing")
    await client.disconnect()
    assert sum(line.count for line in lines(caplog, "call refused")) == 4


async def test_who_goes_on_calling_what_is_refused_is_closed_and_may_come_back(hubs, connect_to_hub, caplog):
    hubs(MAXIMUM_REFUSED_CALLS=5)
    client = await connect_to_hub(Desk)
    for name in ("Missing", "Closed", "Missing", "Forbid", "Missing"):
        await fails(client, name)
    await client.send("Missing")
    assert await client.receive_close() == Close("Connection closed with an error.", allow_reconnect=True)
    await client.disconnect()
    assert [line.reason for line in lines(caplog, "disconnected")] == ["too many refused calls"]


async def test_a_client_that_errs_now_and_then_stays(clock, hubs, connect_to_hub):
    hubs(MAXIMUM_REFUSED_CALLS=5)
    client = await connect_to_hub(Desk)
    for _ in range(20):
        await fails(client, "Missing")
        clock.advance(13)
    assert await client.invoke("Echo", 1) == 1


async def test_answers_of_the_action_itself_close_nothing(hubs, connect_to_hub):
    hubs(MAXIMUM_REFUSED_CALLS=5)
    client = await connect_to_hub(Desk)
    for _ in range(20):
        await fails(client, "Refuse")
    assert await client.invoke("Echo", 1) == 1


async def test_a_client_that_leaves_during_an_upload_or_a_question_is_no_error(connect_to_hub, caplog):
    caplog.set_level("INFO", "hubs")
    uploading, asked = await connect_to_hub(Desk), await connect_to_hub(Desk)
    await uploading.send_message(Invocation("Total", [], "1", ["7"]))
    await asked.send("Ask", "Number")
    await asked.receive_output()
    await asyncio.gather(uploading.disconnect(), asked.disconnect())
    left = lines(caplog, "client left during a call")
    assert {(line.levelname, line.action, line.exc_info) for line in left} == {
        ("INFO", "Total", None),
        ("INFO", "Ask", None),
    }
    assert lines(caplog, "action failed") == []
