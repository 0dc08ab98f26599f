import logging
from collections.abc import AsyncIterator

import msgspec
import pytest

from hubs.actions import action
from hubs.errors import HubError
from hubs.hub import Hub
from hubs.permissions import AllowAny, BasePermission
from hubs.protocol.messages import Close, Completion, Invocation, StreamInvocation
from hubs.testing import HubCommunicator

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "NHS 943 476 5919"


class PatientMissing(Exception):
    pass


class IsIcu(BasePermission):
    def has_permission(self, request):
        return request.arguments.get("ward_id") == "icu"


class Breaks(BasePermission):
    def has_permission(self, request):
        raise LookupError(SECRET)


class Desk(Hub):
    permission_classes = [AllowAny]

    @action
    async def echo(self, value: msgspec.Raw) -> msgspec.Raw:
        return value

    @action
    async def nothing(self) -> None: ...

    @action
    async def add(self, a: int, b: int) -> int:
        return a + b

    @action
    async def refuse(self) -> None:
        raise HubError("Ward full.")

    @action
    async def fail(self) -> None:
        raise PatientMissing(SECRET)

    @action
    async def unspeakable(self) -> object:
        return object()

    @action
    async def numbers(self, end: int):
        for number in range(end):
            yield number

    @action
    async def breaks_while_streaming(self):
        yield 1
        raise PatientMissing(SECRET)

    @action
    async def refuses_while_streaming(self):
        yield 1
        raise HubError("enough")

    @action
    async def streams_rubbish(self):
        yield object()

    @action
    async def refuses_to_stream(self) -> AsyncIterator[int]:
        raise HubError("not today")

    @action
    async def total(self, numbers: AsyncIterator[int]) -> int:
        return sum([number async for number in numbers])

    @action(permission_classes=[BasePermission])
    async def closed(self, number: int) -> None: ...

    @action(permission_classes=[IsIcu])
    async def of_ward(self, ward_id: str) -> str:
        return ward_id

    @action(permission_classes=[Breaks])
    async def behind_a_broken_permission(self) -> None: ...


@pytest.fixture
async def client(connect_to_hub) -> HubCommunicator:
    return await connect_to_hub(Desk)


async def error_of(client, target, *arguments) -> str:
    with pytest.raises(HubError) as error:
        await client.invoke(target, *arguments)
    return str(error.value)


async def stream_error_of(client, target, *arguments) -> tuple[list, str]:
    items = []
    with pytest.raises(HubError) as error:  # noqa: PT012 - the items before the error count as well
        async for item in client.stream(target, *arguments):
            items.append(item)  # noqa: PERF401 - see above
    return items, str(error.value)


async def test_an_action_without_result_is_completed_with_null(client):
    await client.send_message(Invocation("Nothing", [], "1"))
    assert (await client.receive_output())["text"] == '{"type":3,"invocationId":"1","result":null}\x1e'


@pytest.mark.parametrize(
    ("target", "arguments", "text"),
    [
        (
            "Missing",
            [],
            (
                "Failed to invoke 'Missing' due to an error on the server. "
                "HubException: Method does not exist."
            ),
        ),
        ("aDD", [1], "Failed to invoke 'Add' due to an error on the server."),
        ("Add", [1, "x"], "Failed to invoke 'Add' due to an error on the server."),
        ("Add", [1, 2, 3], "Failed to invoke 'Add' due to an error on the server."),
        ("Closed", [1], "Failed to invoke 'Closed' because user is unauthorized"),
        (
            "rEFUSE",
            [],
            "An unexpected error occurred invoking 'Refuse' on the server. HubException: Ward full.",
        ),
        ("Fail", [], "An unexpected error occurred invoking 'Fail' on the server."),
        ("Unspeakable", [], "An unexpected error occurred invoking 'Unspeakable' on the server."),
        (
            "Numbers",
            [3],
            "The client attempted to invoke the streaming 'Numbers' method with a non-streaming invocation.",
        ),
        (
            "Total",
            [],
            (
                "An unexpected error occurred invoking 'Total' on the server. "
                "HubException: Client sent 0 stream(s), Hub method expects 1."
            ),
        ),
        (
            "BehindABrokenPermission",
            [],
            "An unexpected error occurred invoking 'BehindABrokenPermission' on the server.",
        ),
    ],
)
async def test_a_failed_call_is_told_in_the_recorded_words_and_the_connection_goes_on(
    client, target, arguments, text
):
    assert await error_of(client, target, *arguments) == text
    assert await client.invoke("Add", 1, 2) == 3


@pytest.mark.parametrize(
    ("target", "arguments", "items", "text"),
    [
        (
            "Add",
            [1, 2],
            [],
            "The client attempted to invoke the non-streaming 'Add' method with a streaming invocation.",
        ),
        ("BreaksWhileStreaming", [], [1], "An error occurred on the server while streaming results."),
        (
            "RefusesWhileStreaming",
            [],
            [1],
            "An error occurred on the server while streaming results. HubException: enough",
        ),
        ("StreamsRubbish", [], [], "An error occurred on the server while streaming results."),
        (
            "RefusesToStream",
            [],
            [],
            "An unexpected error occurred invoking 'RefusesToStream' on the server. HubException: not today",
        ),
        (
            "Missing",
            [],
            [],
            (
                "Failed to invoke 'Missing' due to an error on the server. "
                "HubException: Method does not exist."
            ),
        ),
    ],
)
async def test_a_failed_stream_ends_with_the_recorded_words_and_the_connection_goes_on(
    client, target, arguments, items, text
):
    assert await stream_error_of(client, target, *arguments) == (items, text)
    assert [item async for item in client.stream("Numbers", 3)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("target", "arguments", "suffix"),
    [
        ("Fail", [], f" PatientMissing: {SECRET}"),
        ("Refuse", [], " HubException: Ward full."),
        ("Add", [1], " InvalidDataException: Invocation provides 1 argument(s) but target expects 2."),
        (
            "Add",
            [1, "x"],
            (
                " InvalidDataException: Error binding arguments. Make sure that the types of the provided "
                "values match the types of the hub method being invoked."
            ),
        ),
    ],
)
async def test_detailed_errors_tell_what_went_wrong_inside(client_with_details, target, arguments, suffix):
    assert (await error_of(client_with_details, target, *arguments)).endswith(f"the server.{suffix}")


@pytest.fixture
async def client_with_details(hubs, connect_to_hub) -> HubCommunicator:
    hubs(DETAILED_ERRORS=True)
    return await connect_to_hub(Desk)


async def test_without_detailed_errors_no_text_of_an_exception_leaves(client):
    for target in ("Fail", "BehindABrokenPermission"):
        assert SECRET not in await error_of(client, target)
    assert SECRET not in str(await stream_error_of(client, "BreaksWhileStreaming"))


async def test_a_call_without_an_id_is_never_answered_whatever_happens(client):
    for target in ("Missing", "Add", "Closed", "Refuse", "Fail", "Unspeakable", "Numbers", "Nothing"):
        await client.send(target)
    assert await client.invoke("Add", 1, 2) == 3
    assert await client.receive_nothing()


async def test_unknown_and_badly_shaped_come_before_forbidden(client):
    assert "Method does not exist" in await error_of(client, "Missing", 1)
    assert await error_of(client, "Closed", "x") == "Failed to invoke 'Closed' due to an error on the server."
    assert await error_of(client, "Closed", 1) == "Failed to invoke 'Closed' because user is unauthorized"


async def test_AZ_2_a_permission_decides_by_the_bound_arguments(client):
    assert await client.invoke("OfWard", "icu") == "icu"
    assert "unauthorized" in await error_of(client, "OfWard", "cardio")


async def test_forbidden_comes_before_the_wrong_kind_of_call(client):
    completion = await stream_error_of(client, "Closed", 1)
    assert completion == ([], "Failed to invoke 'Closed' because user is unauthorized")


async def test_LG_1_a_denied_call_is_one_warning_without_its_arguments(client, caplog):
    await error_of(client, "OfWard", SECRET)
    [line] = [record for record in caplog.records if record.message == "denied"]
    assert (line.levelname, line.action, line.hub) == ("WARNING", "OfWard", "Desk")
    assert SECRET not in f"{vars(line)}"


async def test_a_failed_action_is_an_error_with_its_traceback_and_a_refusal_is_not(client, caplog):
    await error_of(client, "Fail")
    await error_of(client, "Refuse")
    failed, refused = (
        record
        for record in caplog.records
        if record.message in ("action failed", "call refused by its action")
    )
    assert (failed.levelname, failed.exc_info[0].__name__) == ("ERROR", "PatientMissing")
    assert SECRET not in caplog.text
    assert (refused.levelname, refused.exc_info) == ("INFO", None)


async def test_a_name_that_does_not_exist_may_be_long_or_odd(client):
    for name in ("x" * 1000, "", "<script>", "🏥", "__class__", "on_connected", "clients.all"):
        assert await error_of(client, name) == (
            f"Failed to invoke '{name}' due to an error on the server. HubException: Method does not exist."
        )


@pytest.mark.parametrize(
    "value", [None, 0, "", [], {}, False, 2**53, 1e300, "Zoë ☕\x00", [[[]]], {"": None}]
)
async def test_any_value_goes_there_and_back(client, value):
    assert await client.invoke("Echo", value) == value


async def test_an_argument_nested_without_end_ends_its_connection_and_nothing_else(client, connect_to_hub):
    deep = "[" * 15_000 + "]" * 15_000
    await client.send_text(f'{{"type":1,"invocationId":"1","target":"Add","arguments":[{deep},1]}}\x1e')
    assert await client.receive_close() == Close("Connection closed with an error.", True)
    assert await (await connect_to_hub(Desk)).invoke("Add", 1, 2) == 3


async def test_upload_streams_come_by_their_ids(client):
    await client.send_message(Invocation("Total", [], "1", ["7"]))
    await client.send_text(
        '{"type":2,"invocationId":"7","item":20}\x1e{"type":2,"invocationId":"7","item":22}\x1e'
    )
    await client.send_message(Completion("7"))
    assert (await client.receive_output())["text"] == '{"type":3,"invocationId":"1","result":42}\x1e'


async def test_a_stream_that_is_not_wanted_any_more_is_completed_without_an_error(client):
    await client.send_message(StreamInvocation("Numbers", [0], "1"))
    assert (await client.receive_output())["text"] == '{"type":3,"invocationId":"1"}\x1e'


async def test_LG_2_no_line_of_the_log_shows_an_argument_or_a_result(client, caplog):
    caplog.set_level(logging.DEBUG)
    await client.invoke("Echo", SECRET)
    await error_of(client, "Add", SECRET)
    await error_of(client, "Missing", SECRET)
    await error_of(client, "OfWard", SECRET)
    assert SECRET not in "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
