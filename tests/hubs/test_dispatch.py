import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest

from hubs.actions import action
from hubs.errors import HubError
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.protocol import json_protocol
from hubs.protocol.messages import (
    CancelInvocation,
    Close,
    Completion,
    Invocation,
    Ping,
    StreamInvocation,
    StreamItem,
)
from hubs.testing import HubCommunicator
from hubs.transports.websocket import WebSocketTransport
from hubs.uploads import CAPACITY
from tests.hubs.metrics import counted

pytestmark = pytest.mark.django_db(transaction=True)


class Desk(Hub):
    """Calls wait at gates that the test opens; `done` says what has run to its end."""

    permission_classes = [AllowAny]
    gates: defaultdict[str, asyncio.Event]
    done: list[object]
    started: asyncio.Event

    @action
    async def echo(self, value: int) -> int:
        self.done.append(value)
        return value

    @action
    async def wait(self, gate: str) -> str:
        self.done.append(f"started {gate}")
        self.started.set()
        await self.gates[gate].wait()
        self.done.append(gate)
        return gate

    @action
    async def tick(self, gate: str):
        try:
            for number in range(1000):
                yield number
                await self.gates[gate].wait()
        finally:
            self.done.append("tick ended")

    @action
    async def total(self, numbers: AsyncIterator[int]) -> int:
        total = 0
        try:
            async for number in numbers:
                total += number
        except ConnectionError:
            self.done.append("upload lost")
            raise
        return total

    @action
    async def keep(self, gate: str, numbers: AsyncIterator[int]) -> None:
        self.started.set()
        await self.gates[gate].wait()

    @action
    async def ask(self) -> str:
        return await self.clients.caller.invoke("Name", result_type=str)

    @action
    async def leave(self) -> None:
        self.abort()


@pytest.fixture
def desk() -> type[Desk]:
    class Fresh(Desk):
        gates = defaultdict(asyncio.Event)
        done = []
        started = asyncio.Event()

    return Fresh


@pytest.fixture
async def client(desk, connect_to_hub) -> HubCommunicator:
    return await connect_to_hub(desk)


async def answer(client: HubCommunicator) -> tuple[str, object]:
    completion = await client.receive_message(Completion)
    if completion.error is not None:
        return completion.invocation_id, completion.error
    return completion.invocation_id, bytes(completion.result).decode()


async def test_calls_of_one_connection_run_one_after_the_other(client, desk):
    await client.send_message(Invocation("Wait", ["a"], "1"))
    await client.send_message(Invocation("Echo", [7], "2"))
    assert await client.receive_nothing()
    assert desk.done == ["started a"]
    desk.gates["a"].set()
    assert [await answer(client), await answer(client)] == [("1", '"a"'), ("2", "7")]
    assert desk.done == ["started a", "a", 7]


async def test_a_setting_lets_several_run_at_once(hubs, desk, connect_to_hub):
    hubs(MAXIMUM_PARALLEL_INVOCATIONS=2)
    client = await connect_to_hub(desk)
    await client.send_message(Invocation("Wait", ["a"], "1"))
    assert await client.invoke("Echo", 7) == 7
    desk.gates["a"].set()


async def test_a_refused_call_is_answered_in_its_turn(client, desk):
    await client.send_message(Invocation("Wait", ["a"], "1"))
    await client.send_message(Invocation("Missing", [], "2"))
    await client.send_message(Invocation("Echo", [7], "3"))
    assert await client.receive_nothing()
    desk.gates["a"].set()
    assert [(await answer(client))[0] for _ in range(3)] == ["1", "2", "3"]


async def test_other_connections_do_not_wait(client, desk, connect_to_hub):
    await client.send("Wait", "a")
    assert await (await connect_to_hub(desk)).invoke("Echo", 7) == 7
    desk.gates["a"].set()


async def test_pings_and_answers_are_read_while_a_call_runs(client, desk):
    await client.send_message(Invocation("Wait", ["a"], "1"))
    await client.send_message(Ping())
    stream = client.stream("Tick", "b")
    assert await anext(stream) == 0
    desk.gates["a"].set()
    assert await answer(client) == ("1", '"a"')


async def test_a_call_that_asks_its_client_does_not_wait_for_itself(client):
    client.answer("Name", lambda: "Ann")
    assert await client.invoke("Ask") == "Ann"


async def test_the_answer_to_a_question_is_found_behind_other_calls(desk, connect_to_hub):
    client = await connect_to_hub(desk)
    await client.send_message(Invocation("Ask", [], "1"))
    await client.send_message(Invocation("Echo", [7], "2"))
    client.answer("Name", lambda: "Ann")
    assert sorted([await answer(client), await answer(client)]) == [("1", '"Ann"'), ("2", "7")]


async def test_more_calls_than_may_wait_make_the_reader_wait_and_none_is_lost(hubs, desk, connect_to_hub):
    hubs(MAXIMUM_WAITING_INVOCATIONS=2)
    client = await connect_to_hub(desk)
    await client.send_message(Invocation("Wait", ["a"], "0"))
    for number in range(1, 20):
        await client.send_message(Invocation("Echo", [number], str(number)))
    assert await client.receive_nothing()
    desk.gates["a"].set()
    assert [(await answer(client))[0] for _ in range(20)] == [str(number) for number in range(20)]


async def test_waiting_calls_of_a_connection_that_we_closed_are_dropped(client, desk):
    await client.send_text(
        '{"type":1,"target":"Leave","arguments":[]}\x1e{"type":1,"target":"Echo","arguments":[1]}\x1e'
    )
    assert await client.receive_close() == Close()
    await client.disconnect()
    assert desk.done == []


async def test_calls_that_wait_behind_one_that_closes_are_dropped(desk, connect_to_hub):
    client = await connect_to_hub(desk)
    await client.send("Wait", "a")
    await client.send("Leave")
    await client.send("Echo", 1)
    assert await client.receive_nothing()
    desk.gates["a"].set()
    await client.receive_close()
    await client.disconnect()
    assert desk.done == ["started a", "a"]


@pytest.mark.parametrize("code", [1000, 1006])
async def test_what_a_leaving_client_has_asked_for_is_carried_out(client, desk, code):
    await client.send("Wait", "a")
    await client.send("Echo", 1)
    await client.send("Echo", 2)
    leaving = asyncio.ensure_future(client.disconnect(code))
    await desk.started.wait()
    desk.gates["a"].set()
    await leaving
    assert desk.done == ["started a", "a", 1, 2]


async def test_a_stream_ends_when_its_client_cancels_it(client, desk):
    await client.send_message(StreamInvocation("Tick", ["a"], "1"))
    await client.receive_message(StreamItem)
    await client.send_message(CancelInvocation("1"))
    completion = await client.receive_message(Completion)
    assert completion == Completion("1")
    assert desk.done == ["tick ended"]


async def test_a_stream_ends_when_its_client_leaves(client, desk):
    stream = client.stream("Tick", "a")
    assert await anext(stream) == 0
    await client.disconnect()
    assert desk.done == ["tick ended"]


async def test_an_upload_is_lost_with_its_client(client, desk):
    await client.send_message(Invocation("Total", [], "1", ["7"]))
    await client.send_message(StreamItem("7", 1))
    await client.disconnect(1006)
    assert desk.done == ["upload lost"]


async def test_streams_do_not_take_the_place_of_calls(client):
    stream = client.stream("Tick", "a")
    assert await anext(stream) == 0
    assert await client.invoke("Echo", 7) == 7


async def test_an_id_of_a_running_stream_cannot_be_used_again(client):
    for _ in range(2):
        await client.send_message(StreamInvocation("Tick", ["a"], "1"))
    assert (await client.receive_message(Completion)).error == "Invocation ID '1' is already in use."


async def test_streams_have_a_bound(hubs, desk, connect_to_hub):
    hubs(MAXIMUM_STREAMS=2)
    client = await connect_to_hub(desk)
    for number in range(3):
        await client.send_message(StreamInvocation("Tick", ["a"], str(number)))
    completion = await client.receive_message(Completion)
    assert (completion.invocation_id, completion.error) == (
        "2",
        "Too many streams are open on this connection.",
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"type":2,"invocationId":"nobody","item":1}',
        '{"type":3,"invocationId":"nobody","result":1}',
        '{"type":3,"invocationId":"s1","result":1}',
        '{"type":5,"invocationId":"nobody"}',
        '{"type":99}',
        '{"type":8,"sequenceId":1}',
        '{"type":9,"sequenceId":1}',
        '{"type":6}',
    ],
)
async def test_what_belongs_to_nobody_is_ignored(client, text):
    await client.send_text(text + "\x1e")
    assert await client.invoke("Echo", 7) == 7


async def test_an_upload_item_that_does_not_bind_fails_its_call_only(client):
    await client.send_message(Invocation("Total", [], "1", ["7"]))
    await client.send_message(StreamItem("7", "x"))
    completion = await client.receive_message(Completion)
    assert completion.error.endswith("HubException: Failed to bind Stream message.")
    assert await client.invoke("Echo", 7) == 7


async def test_a_flood_of_items_waits_for_the_call_that_reads_them(client):
    await client.send_message(Invocation("Total", [], "1", ["7"]))
    for _ in range(500):
        await client.send_message(StreamItem("7", 1))
    await client.send_message(Completion("7"))
    assert await answer(client) == ("1", "500")


async def test_a_failing_call_does_not_stop_those_behind_it(client):
    with pytest.raises(HubError):
        await client.invoke("Wait", 7)
    await client.send("Wait", 7)
    assert await client.invoke("Echo", 7) == 7


async def test_a_stream_that_is_cancelled_in_its_own_frame_is_answered_and_forgotten(client, desk):
    frames = [StreamInvocation("Tick", ["a"], "1"), CancelInvocation("1")]
    for _ in range(2):  # the id is free again
        await client.send_text("".join(json_protocol.encode(each).decode() for each in frames))
        assert await client.receive_message(Completion) == Completion("1")
    assert desk.done == []


async def test_a_frame_of_many_calls_leaves_the_other_connections_their_turn(client, desk, connect_to_hub):
    other = await connect_to_hub(desk)
    before = counted("hubs_calls_total", hub="Desk", action="", outcome="unknown")
    await client.send_text(json_protocol.encode(Invocation("Missing", [])).decode() * 500)
    assert await other.invoke("Echo", 7) == 7
    assert counted("hubs_calls_total", hub="Desk", action="", outcome="unknown") - before < 500


@pytest.fixture
def pauses(monkeypatch) -> list[str]:
    """When the server was told to read nothing more of a socket, and when to go on."""
    told: list[str] = []
    for name in ("pause", "resume"):
        monkeypatch.setattr(WebSocketTransport, name, lambda _, name=name: told.append(name))
    return told


async def test_nothing_is_read_while_too_many_calls_wait(hubs, desk, connect_to_hub, pauses):
    hubs(MAXIMUM_WAITING_INVOCATIONS=1)
    client = await connect_to_hub(desk)
    pauses.clear()
    await client.send("Wait", "a")
    await desk.started.wait()
    await client.send("Echo", 1)
    assert await client.receive_nothing()
    assert pauses == []
    await client.send("Echo", 2)
    assert await client.receive_nothing()
    assert pauses == ["pause"]
    desk.gates["a"].set()
    await client.invoke("Echo", 3)
    assert pauses[:2] == ["pause", "resume"]
    assert pauses.count("pause") == pauses.count("resume")


@pytest.mark.parametrize("behind", [StreamItem("7", 1), Completion("7"), Completion("7", error="broken off")])
async def test_nothing_is_read_while_an_upload_is_full(client, desk, pauses, behind):
    """Neither an item nor the end finds room, and it is not the client who is silent then."""
    pauses.clear()
    await client.send_message(Invocation("Keep", ["a"], "1", ["7"]))
    await desk.started.wait()
    for _ in range(CAPACITY):
        await client.send_message(StreamItem("7", 1))
    assert await client.receive_nothing()
    assert pauses == []
    await client.send_message(behind)
    assert await client.receive_nothing()
    assert pauses == ["pause"]
    desk.gates["a"].set()
    assert (await answer(client))[0] == "1"
    assert pauses == ["pause", "resume"]


async def test_the_log_quotes_a_client_briefly(client, caplog):
    caplog.set_level("INFO", "hubs")
    with pytest.raises(HubError, match="Method does not exist"):
        await client.invoke("x" * 30_000)
    assert max(len(str(vars(record))) for record in caplog.records) < 2_000
