import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from hubs.actions import action
from hubs.clients import hub_context
from hubs.errors import ClientGone, HubError
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.protocol.messages import Completion, Invocation, StreamItem
from hubs.testing import HubCommunicator
from hubs.worker import current_worker

pytestmark = pytest.mark.django_db(transaction=True)


class Desk(Hub):
    permission_classes = [AllowAny]

    @action
    async def total(self, numbers: AsyncIterator[int]) -> int:
        """Asks in the middle of the client's stream whether its items count."""
        first = await anext(numbers)
        factor = await self.clients.caller.invoke("Factor", result_type=int)
        return factor * (first + sum([number async for number in numbers]))


@pytest.fixture
async def client():
    async with HubCommunicator(Desk) as client:
        yield client


def ask(*arguments: object) -> "asyncio.Task[object]":
    """Asks the one client that is connected."""
    [connection] = current_worker().registry
    return asyncio.ensure_future(hub_context(Desk).clients.client(connection.id).invoke("Name", *arguments))


async def received(client: HubCommunicator, count: int) -> dict:
    """The ids of the next questions, by their one argument."""
    found: dict = {}
    while len(found) < count:
        for text in (await client.receive_output())["text"].split("\x1e")[:-1]:
            message = json.loads(text)
            if message["type"] == 1:
                found[(*message["arguments"], None)[0]] = message["invocationId"]
    return found


def open_questions() -> list[str]:
    [connection] = current_worker().registry
    return [] if connection.questions is None else list(connection.questions._open)


async def test_each_answer_reaches_its_asker_in_whatever_order_they_come(client):
    asked = {number: ask(number) for number in range(3)}
    ids = await received(client, 3)
    for number in (2, 0, 1):
        await client.send_message(Completion(ids[number], f"answer {number}"))
    assert [await asked[number] for number in range(3)] == ["answer 0", "answer 1", "answer 2"]
    assert open_questions() == []


async def test_an_error_of_the_client_is_raised_for_its_asker_alone(client):
    fails, succeeds = ask(0), ask(1)
    ids = await received(client, 2)
    await client.send_message(Completion(ids[0], error="No name."))
    await client.send_message(Completion(ids[1], "Ann"))
    with pytest.raises(HubError, match=r"^No name\.$"):
        await fails
    assert await succeeds == "Ann"


async def test_the_first_answer_counts(client):
    asked = ask(0)
    ids = await received(client, 1)
    for answer in ("first", "second"):
        await client.send_message(Completion(ids[0], answer))
    assert await asked == "first"


async def test_an_answer_that_comes_too_late_or_to_nobody_is_ignored(client, hubs):
    hubs(CLIENT_RESULT_TIMEOUT=0.05)
    with pytest.raises(TimeoutError):
        await ask(0)
    ids = await received(client, 1)
    assert open_questions() == []
    hubs(CLIENT_RESULT_TIMEOUT=5)
    for connection_id in (ids[0], "1", "s99", ""):
        await client.send_message(Completion(connection_id, "late"))
    asked = ask(1)
    next_ids = await received(client, 1)
    assert next_ids[1] != ids[0]
    await client.send_message(Completion(next_ids[1], "in time"))
    assert await asked == "in time"


async def test_all_who_wait_are_told_when_the_connection_ends():
    client = HubCommunicator(Desk)
    await client.connect()
    asked = [ask(number) for number in range(3)]
    await received(client, 3)
    await client.disconnect()
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ClientGone] * 3


async def test_the_ids_of_questions_are_none_that_a_client_counts_for_its_streams(client):
    await client.send_message(Invocation("Total", [], "0", ["1"]))
    await client.send_message(StreamItem("1", 20))
    ids = await received(client, 1)
    assert not ids[None].isdigit()
    await client.send_message(StreamItem("1", 1))
    await client.send_message(Completion("1"))
    await client.send_message(Completion(ids[None], 2))
    assert '"result":42' in (await client.receive_output())["text"]
