"""Calls that last are held to the rights of now, as long as they last."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from django.db import OperationalError

from hubs import errors
from hubs.actions import action
from hubs.errors import Forbidden, HubError
from hubs.executor import run
from hubs.hub import Hub
from hubs.permissions import BasePermission, IsAuthenticated
from hubs.protocol.messages import Completion, Invocation, StreamInvocation, StreamItem
from hubs.worker import current_worker
from tests.hubs.wards import WARDS, SeesAnyWard, SeesWard, connect, deactivate, set_wards

pytestmark = pytest.mark.django_db(transaction=True)


class RefusesInItsOwnWords(BasePermission):
    def has_permission(self, request):
        if request.arguments["ward"] not in request.claims["wards"]:
            raise Forbidden("Not your ward.")
        return True


class IsOnShift(BasePermission):
    over = False

    def has_permission(self, request):
        request.ask_again_at(datetime.now(UTC) + timedelta(hours=1))
        return not IsOnShift.over


class Monitor(Hub):
    permission_classes = [IsAuthenticated, SeesAnyWard]
    # Lets the streams go on, one item each time.
    beat: asyncio.Condition
    ended: list[str]

    @action(permission_classes=[SeesWard])
    async def watch(self, ward: str) -> AsyncIterator[str]:
        try:
            while True:
                yield ward
                async with self.beat:
                    await self.beat.wait()
        finally:
            self.ended.append(ward)

    @action(permission_classes=[SeesWard])
    async def watch_stubbornly(self, ward: str) -> AsyncIterator[str]:
        yield ward
        while True:
            try:
                async with self.beat:
                    await self.beat.wait()
            except asyncio.CancelledError:
                self.ended.append("swallowed")
            yield "a secret"

    @action(permission_classes=[RefusesInItsOwnWords])
    async def watch_politely(self, ward: str) -> AsyncIterator[str]:
        while True:
            yield ward
            async with self.beat:
                await self.beat.wait()

    @action(permission_classes=[IsOnShift])
    async def watch_for_a_shift(self, ward: str) -> AsyncIterator[str]:
        while True:
            yield ward
            async with self.beat:
                await self.beat.wait()

    @action(permission_classes=[SeesWard])
    async def upload(self, ward: str, numbers: AsyncIterator[int]) -> int:
        return sum([number async for number in numbers])

    @action(permission_classes=[SeesWard])
    async def discharge(self, ward: str, witness: str) -> None:
        await self.clients.client(witness).invoke("Confirm", ward)
        self.ended.append(f"discharged from {ward}")

    @action
    async def who(self) -> str:
        return self.connection_id

    @action
    async def catch_up(self) -> None:
        """Works through whatever was committed before."""
        await current_worker().pump.authority.catch_up()


@pytest.fixture(autouse=True)
def _renewing(hubs):
    hubs(RENEW="tests.hubs.wards.renew")
    WARDS.clear()


@pytest.fixture
def monitor():
    class Fresh(Monitor):
        beat = asyncio.Condition()
        ended = []

    return Fresh


async def beats(monitor) -> None:
    async with monitor.beat:
        monitor.beat.notify_all()


async def item(client, invocation_id: str) -> str:
    found = await client._next(StreamItem, lambda each: each.invocation_id == invocation_id)
    return bytes(found.item).decode()


async def start(client, target: str, ward: str, invocation_id: str) -> None:
    await client.send_message(StreamInvocation(target, [ward], invocation_id))
    assert await item(client, invocation_id) == f'"{ward}"'


async def test_AZ_2_a_stream_ends_with_the_right_to_it_and_the_others_go_on(monitor):
    async with connect(monitor, 7, "icu", "cardio") as client:
        await start(client, "Watch", "icu", "1")
        await start(client, "Watch", "cardio", "2")
        await run(set_wards, 7, "cardio")
        await client.invoke("CatchUp")
        completion = await client.receive_message(Completion)
        assert completion == Completion("1", error=errors.unauthorized("Watch"))
        assert monitor.ended == ["icu"]
        await beats(monitor)
        assert await item(client, "2") == '"cardio"'
        assert await client.receive_nothing()


async def test_a_class_that_refuses_in_words_ends_the_stream_with_them(monitor):
    async with connect(monitor, 7, "icu", "cardio") as client:
        await start(client, "WatchPolitely", "icu", "1")
        await run(set_wards, 7, "cardio")
        completion = await client.receive_message(Completion)
        assert completion.error == errors.action_failed(
            "WatchPolitely", Forbidden("Not your ward."), detailed=False
        )


async def test_a_stream_that_swallows_its_end_sends_nothing_more(monitor):
    async with connect(monitor, 7, "icu", "cardio") as client:
        await start(client, "WatchStubbornly", "icu", "1")
        await run(set_wards, 7, "cardio")
        assert (await client.receive_message(Completion)).error == errors.unauthorized("WatchStubbornly")
        assert monitor.ended == ["swallowed"]
        assert await client.receive_nothing()


async def test_a_right_that_ends_by_itself_ends_the_stream_before_its_next_item(monitor, clock, monkeypatch):
    async with connect(monitor, 7, "icu") as client:
        await start(client, "WatchForAShift", "icu", "1")
        monkeypatch.setattr(IsOnShift, "over", True)
        await beats(monitor)
        assert await item(client, "1") == '"icu"'
        clock.advance(3601)
        await beats(monitor)
        completion = await client.receive_message(Completion)
        assert completion == Completion("1", error=errors.unauthorized("WatchForAShift"))


async def test_a_call_that_takes_an_upload_ends_with_the_right_to_it(monitor):
    async with connect(monitor, 7, "icu", "cardio") as client:
        await client.send_message(Invocation("Upload", ["icu"], "1", ["up"]))
        await client.send_message(StreamItem("up", 1))
        await client.invoke("CatchUp")
        await run(set_wards, 7, "cardio")
        completion = await client.receive_message(Completion)
        assert completion == Completion("1", error=errors.unauthorized("Upload"))
        await client.send_message(StreamItem("up", 2))
        await client.send_message(Completion("up"))
        await client.invoke("CatchUp")
        assert await client.receive_nothing()


async def asked(user: int) -> None:
    """Waits until a question to that user's connection is open."""
    [connection] = (each for each in current_worker().registry if each.user_id == str(user))
    while not (connection.questions and connection.questions._open):  # noqa: ASYNC110 - nothing of ours says it
        await asyncio.sleep(0)


@pytest.mark.parametrize("change", ["moved", "sent away"])
async def test_an_answer_that_comes_after_the_askers_right_is_gone_changes_nothing(monitor, change):
    async with connect(monitor, 7, "icu", "cardio") as asker, connect(monitor, 8, "icu") as witness:
        witness.answer("Confirm", lambda ward: "yes")
        where = await witness.invoke("Who")
        await asker.send_message(Invocation("Discharge", ["icu", where], "1"))
        await asked(8)
        await (run(set_wards, 7, "cardio") if change == "moved" else run(deactivate, 7))
        await current_worker().pump.authority.catch_up()
        await witness.invoke("Who")
        if change == "moved":
            completion = await asker.receive_message(Completion)
            assert completion == Completion("1", error=errors.unauthorized("Discharge"))
        else:
            assert (await asker.receive_close()).allow_reconnect is False
    assert monitor.ended == []


async def test_an_answer_counts_when_the_askers_rights_have_changed_but_not_this_one(monitor):
    async with connect(monitor, 7, "icu", "cardio") as asker, connect(monitor, 8, "icu") as witness:
        witness.answer("Confirm", lambda ward: "yes")
        where = await witness.invoke("Who")
        await asker.send_message(Invocation("Discharge", ["icu", where], "1"))
        await asked(8)
        await run(set_wards, 7, "icu")
        await current_worker().pump.authority.catch_up()
        await witness.invoke("Who")
        assert (await asker.receive_message(Completion)).error is None
    assert monitor.ended == ["discharged from icu"]


async def test_a_class_that_finds_no_database_ends_no_stream_and_is_asked_again(monitor, monkeypatch, hubs):
    hubs(FEED_POLL_INTERVAL=0.05)
    answers = iter([OperationalError("the database is away")])

    def breaking(self, request):
        if (error := next(answers, None)) is not None:
            raise error
        return request.arguments["ward"] in request.claims["wards"]

    async with connect(monitor, 7, "icu", "cardio") as client:
        await start(client, "Watch", "icu", "1")
        monkeypatch.setattr(SeesWard, "has_permission", breaking)
        await run(set_wards, 7, "cardio")
        assert (await client.receive_message(Completion)).error == errors.unauthorized("Watch")


async def test_a_stream_that_is_refused_before_it_has_begun_is_answered(monitor):
    """Begun and withdrawn in the same turn of the loop."""
    async with connect(monitor, 7, "icu", "cardio") as client:
        [connection] = current_worker().registry
        dispatcher = connection.instance.dispatcher
        call = dispatcher._bound(StreamInvocation("Watch", [msgspec.Raw(b'"icu"')], "1"))
        dispatcher._start(call)
        assert dispatcher.streams.end_all("Later.") == 1
        assert dispatcher.streams.end_all("Later.") == 0
        completion = await client.receive_message(Completion)
        assert completion.error == errors.stream_failed(HubError("Later."), detailed=False)
        assert monitor.ended == []
