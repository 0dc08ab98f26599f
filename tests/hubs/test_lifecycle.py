import asyncio
import logging
import time

import pytest

from hubs.actions import action
from hubs.errors import HubError
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.protocol.messages import Close, Invocation
from hubs.testing import HubCommunicator
from tests.hubs.tokens import user

pytestmark = pytest.mark.django_db(transaction=True)

HANDSHAKE = '{"protocol":"json","version":1}\x1e'


class Desk(Hub):
    permission_classes = [AllowAny]

    @action
    async def echo(self, value: int) -> int:
        return value

    @action
    async def leave(self) -> None:
        self.abort()


class Journal(Desk):
    """Writes down what happens to it, in `lines` of the test."""

    lines: list[object]

    async def on_connected(self):
        self.lines.append("connected")

    @action
    async def work(self, number: int) -> None:
        self.lines.append(number)

    async def on_disconnected(self, error):
        self.lines.append(error)


@pytest.fixture
def journal() -> type[Journal]:
    class Fresh(Journal):
        lines = []

    return Fresh


async def upgraded(hub=Desk) -> HubCommunicator:
    client = HubCommunicator(hub)
    await client.upgrade()
    return client


async def answer_of(client: HubCommunicator) -> str:
    return (await client.receive_output())["text"]


@pytest.mark.parametrize("version", [0, 1, 2])
async def test_the_handshake_is_answered_in_a_frame_of_its_own(version):
    client = await upgraded()
    call = '{"type":1,"invocationId":"1","target":"Echo","arguments":[1]}\x1e'
    await client.send_text(f'{{"protocol":"json","version":{version}}}\x1e{call}')
    assert await answer_of(client) == "{}\x1e"
    assert await answer_of(client) == '{"type":3,"invocationId":"1","result":1}\x1e'
    await client.disconnect()


async def test_the_protocol_is_named_without_regard_to_case():
    client = await upgraded()
    await client.send_text('{"protocol":"JSON","version":1}\x1e')
    assert await answer_of(client) == "{}\x1e"
    await client.disconnect()


async def test_IN_3_a_handshake_may_come_in_pieces_and_in_binary():
    client = await upgraded()
    for piece in (HANDSHAKE[:7], HANDSHAKE[7:-1], HANDSHAKE[-1:]):
        await client.send_input({"type": "websocket.receive", "bytes": piece.encode()})
    assert await answer_of(client) == "{}\x1e"
    await client.disconnect()


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ('{"protocol":"xml","version":1}', "The protocol 'xml' is not supported."),
        (
            '{"protocol":"json","version":3}',
            "The server does not support version 3 of the 'json' protocol.",
        ),
        ("{}", "An unexpected error occurred during connection handshake."),
        ("rubbish", "An unexpected error occurred during connection handshake."),
        ('{"type":6}', "An unexpected error occurred during connection handshake."),
        ("", "An unexpected error occurred during connection handshake."),
    ],
)
async def test_a_refused_handshake_is_told_why_and_closed(request_, error, caplog):
    client = await upgraded()
    await client.send_text(f"{request_}\x1e")
    assert await answer_of(client) == f'{{"error":"{error}"}}\x1e'
    assert await client.receive_output() == {"type": "websocket.close", "code": 1000}
    await client.disconnect()
    (line,) = [record for record in caplog.records if record.message == "refused"]
    assert line.reason == "handshake: not understood"


async def test_TR_7_a_handshake_that_does_not_come_is_cancelled(hubs):
    hubs(HANDSHAKE_TIMEOUT=0.02)
    client = await upgraded()
    assert await answer_of(client) == '{"error":"Handshake was canceled."}\x1e'
    assert (await client.receive_output())["type"] == "websocket.close"
    await client.disconnect()


async def test_a_handshake_without_end_is_cancelled(hubs):
    hubs(MAXIMUM_RECEIVE_MESSAGE_SIZE=100)
    client = await upgraded()
    await client.send_text("x" * 101)
    assert await answer_of(client) == '{"error":"Handshake was canceled."}\x1e'
    await client.disconnect()


async def test_who_leaves_before_the_handshake_was_never_connected(journal, caplog):
    client = await upgraded(journal)
    await client.disconnect()
    assert journal.lines == []
    assert "connected" not in caplog.messages


async def test_on_connected_comes_before_the_first_call_and_on_disconnected_last(journal):
    client = await upgraded(journal)
    calls = "".join(f'{{"type":1,"target":"Work","arguments":[{number}]}}\x1e' for number in range(3))
    await client.send_text(HANDSHAKE + calls)
    await client.disconnect()
    assert journal.lines == ["connected", 0, 1, 2, None]


@pytest.mark.parametrize("code", [1000, 1001, 1005])
async def test_a_goodbye_is_no_error(journal, code):
    client = HubCommunicator(journal)
    await client.connect()
    await client.disconnect(code)
    assert journal.lines[-1] is None


@pytest.mark.parametrize("code", [1006, 1011, 4000])
async def test_a_lost_client_is_an_error(journal, code):
    client = HubCommunicator(journal)
    await client.connect()
    await client.disconnect(code)
    assert isinstance(journal.lines[-1], ConnectionError)


async def test_the_clients_close_message_is_answered_and_no_error(journal):
    async with HubCommunicator(journal) as client:
        await client.send_message(Close())
        assert await client.receive_close() == Close()
    assert journal.lines == ["connected", None]


async def test_what_comes_behind_a_close_message_is_not_read(journal):
    async with HubCommunicator(journal) as client:
        await client.send_text('{"type":7}\x1e{"type":1,"target":"Work","arguments":[1]}\x1e')
        await client.receive_close()
    assert journal.lines == ["connected", None]


async def test_abort_closes_for_good_and_is_no_error(journal):
    async with HubCommunicator(journal) as client:
        await client.send("Leave")
        assert await client.receive_close() == Close(None, False)
    assert journal.lines == ["connected", None]


@pytest.mark.parametrize("detailed", [True, False])
@pytest.mark.parametrize("error", [LookupError("secret"), HubError("Ward closed.")])
async def test_a_failing_on_connected_closes_its_connection_for_good_and_no_other(
    error, detailed, hubs, caplog
):
    class Failing(Desk):
        async def on_connected(self):
            if self.user.pk == 13:
                raise error

    hubs(DETAILED_ERRORS=detailed)
    shown = {
        (LookupError, False): "",
        (LookupError, True): " LookupError: secret",
        (HubError, False): " HubException: Ward closed.",
        (HubError, True): " HubException: Ward closed.",
    }
    async with HubCommunicator(Failing, user=user(1)) as other:
        async with HubCommunicator(Failing, user=user(13)) as client:
            text = f"Connection closed with an error.{shown[type(error), detailed]}"
            assert await client.receive_close() == Close(text, False)
        assert await other.invoke("Echo", 1) == 1
    assert "on_connected failed" in caplog.messages


async def test_a_close_at_once_comes_well_after_the_handshakes_answer():
    class Failing(Desk):
        async def on_connected(self):
            raise LookupError

    async with HubCommunicator(Failing) as client:
        answered = time.monotonic()
        await client.receive_close()
        assert time.monotonic() - answered > 0.05  # in one read with it, the stock client's start would fail


async def test_a_failing_on_disconnected_takes_nobody_with_it(caplog):
    class Failing(Desk):
        async def on_disconnected(self, error):
            raise LookupError

    async with HubCommunicator(Failing) as other:
        async with HubCommunicator(Failing):
            pass
        assert await other.invoke("Echo", 1) == 1
        async with HubCommunicator(Failing) as late:
            assert await late.invoke("Echo", 2) == 2
    assert caplog.messages.count("on_disconnected failed") == 3
    assert caplog.messages.count("disconnected") == 3


async def test_LG_1_a_connection_leaves_one_line_when_it_comes_and_one_when_it_goes(caplog):
    caplog.set_level(logging.INFO)
    async with HubCommunicator(Desk, user=user(7), headers=[(b"origin", b"https://board.example")]):
        pass
    # What a busy worker says of its layer is not about a connection.
    came, went = (
        record
        for record in caplog.records
        if record.name == "hubs" and record.levelno >= logging.INFO and hasattr(record, "connection")
    )
    assert (came.message, went.message, went.reason) == ("connected", "disconnected", "client closed")
    assert came.connection == went.connection
    assert (came.user, came.hub, came.transport, came.address) == ("7", "Desk", "WebSockets", "127.0.0.1")
    assert came.origin == "https://board.example"
    assert went.seconds >= 0


async def test_the_role_of_a_user_who_has_one_stands_in_the_line(caplog):
    nurse = user(7)
    nurse.role = "Nurse"
    async with HubCommunicator(Desk, user=nurse):
        pass
    assert {record.role for record in caplog.records if record.message == "connected"} == {"Nurse"}


@pytest.mark.parametrize(
    "text",
    [
        "rubbish\x1e",
        "{}\x1e",
        '{"type":1,"target":"Work"}\x1e',
        '{"type":3,"invocationId":"1","result":1,"error":"x"}\x1e',
        "\x1e",
    ],
)
async def test_a_broken_message_closes_with_leave_to_come_back(journal, text):
    async with HubCommunicator(journal) as client:
        await client.send_text(f'{{"type":1,"target":"Work","arguments":[1]}}\x1e{text}')
        assert await client.receive_close() == Close("Connection closed with an error.", True)
    assert journal.lines[0] == "connected"
    assert isinstance(journal.lines[-1], ConnectionError)


async def test_IN_3_bytes_that_are_no_utf8_close_with_leave_to_come_back():
    async with HubCommunicator(Desk) as client:
        await client.send_input({"type": "websocket.receive", "bytes": b'{"type":\xff}\x1e'})
        assert await client.receive_close() == Close("Connection closed with an error.", True)


@pytest.mark.parametrize("complete", ["\x1e", ""])
async def test_IN_2_a_message_that_is_too_large_closes_with_leave_to_come_back(complete, caplog):
    async with HubCommunicator(Desk) as client:
        await client.send_text("x" * 32_769 + complete)
        assert await client.receive_close() == Close("Connection closed with an error.", True)
    assert [record.reason for record in caplog.records if record.message == "disconnected"] == [
        "message too large"
    ]


async def test_IN_2_a_message_at_the_limit_passes():
    async with HubCommunicator(Desk) as client:
        head, tail = '{"type":1,"invocationId":"1","target":"Echo","x":"', '","arguments":[1]}'
        await client.send_text(head + "x" * (32_768 - len(head) - len(tail)) + tail + "\x1e")
        assert await answer_of(client) == '{"type":3,"invocationId":"1","result":1}\x1e'


async def test_a_message_may_span_frames_and_a_frame_may_hold_many():
    async with HubCommunicator(Desk) as client:
        call = '{"type":1,"invocationId":"1","target":"Echo","arguments":[1]}\x1e'
        for character in call:
            await client.send_text(character)
        assert await answer_of(client) == '{"type":3,"invocationId":"1","result":1}\x1e'
        await client.send_text(call * 3)
        received = ""
        while received.count("\x1e") < 3:
            received += await answer_of(client)
        assert received == '{"type":3,"invocationId":"1","result":1}\x1e' * 3


async def test_after_our_close_the_clients_answer_is_waited_for(journal):
    client = HubCommunicator(journal)
    await client.connect()
    await client.send("Leave")
    await client.receive_close()
    await client.send_message(Invocation("Work", [1]))
    await client.send_message(Close())
    assert journal.lines == ["connected"]
    await client.disconnect()
    assert journal.lines == ["connected", None]


async def test_a_server_that_ends_the_task_is_obeyed_and_the_hub_hears_of_it(journal):
    client = HubCommunicator(journal)
    await client.connect()
    await client.invoke("Echo", 1)
    client.future.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.future
    assert journal.lines == ["connected", None]
    await client.disconnect()
