import asyncio

import pytest

from hubs.actions import action
from hubs.errors import CloseReason
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.protocol.messages import Close, Completion
from hubs.questions import ask
from hubs.testing import HubCommunicator
from hubs.worker import existing_worker

pytestmark = pytest.mark.django_db(transaction=True)


class Desk(Hub):
    permission_classes = [AllowAny]

    async def on_connected(self):
        await self.clients.caller.send("Welcome", self.connection_id)

    @action
    async def close_twice(self) -> None:
        self.abort()
        self.connection.close(CloseReason.EXPIRED)

    @action
    async def say_after_the_end(self) -> None:
        await self.clients.caller.send("Before")
        self.abort()
        await self.clients.caller.send("After")

    @action
    async def ask(self) -> None:
        await self.clients.caller.invoke("Name")


class Asks(Hub):
    permission_classes = [AllowAny]

    async def on_connected(self):
        await self.clients.caller.invoke("Name")


async def test_what_on_connected_sends_arrives_behind_the_handshake():
    async with HubCommunicator(Desk) as client:
        [connection_id] = await client.receive("Welcome")
    assert len(connection_id) == 22


async def test_the_first_reason_to_close_wins(caplog):
    async with HubCommunicator(Desk) as client:
        await client.send("CloseTwice")
        assert await client.receive_close() == Close(None, False)
    assert [record.reason for record in caplog.records if record.message == "disconnected"] == [
        "aborted by the hub"
    ]


async def test_what_was_sent_before_the_end_arrives_and_nothing_behind_it():
    async with HubCommunicator(Desk) as client:
        await client.receive("Welcome")
        await client.send("SayAfterTheEnd")
        frames = ""
        while (output := await client.receive_output())["type"] == "websocket.send":
            frames += output["text"]
    assert frames.split("\x1e") == ['{"type":1,"target":"Before","arguments":[]}', '{"type":7}', ""]


async def test_a_question_ends_with_its_client(caplog):
    caplog.set_level("INFO")
    client = HubCommunicator(Desk)
    await client.connect()
    await client.send("Ask")
    assert '"invocationId":"s1"' in await _until_question(client)
    await client.disconnect()
    left = next(record for record in caplog.records if record.message == "client left during a call")
    assert (left.levelname, left.exc_info) == ("INFO", None)


async def _until_question(client: HubCommunicator) -> str:
    text = ""
    while "Name" not in text:
        text += (await client.receive_output())["text"]
    return text


async def test_who_has_left_is_not_asked():
    async with HubCommunicator(Desk) as client:
        connection = next(iter(existing_worker().registry))
        await client.disconnect()
        with pytest.raises(ConnectionError, match="disconnected"):
            await asyncio.wait_for(ask(connection, "Name", ()), 1)


async def test_an_answer_to_a_question_that_was_not_asked_is_ignored():
    async with HubCommunicator(Desk) as client:
        for number in range(3):
            await client.send_message(Completion(f"s{number}", 1))
        await client.send("SayAfterTheEnd")
        assert await client.receive("Before") == []


async def test_on_connected_cannot_ask_because_nothing_is_read_yet(caplog):
    async with HubCommunicator(Asks) as client:
        assert await client.receive_close() == Close("Connection closed with an error.", False)
    failed = next(record for record in caplog.records if record.message == "on_connected failed")
    assert failed.exc_info[0].__name__ == "RuntimeError"
