"""Renewals of rights that break, overlap, or find that their client has left."""

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError

from hubs.actions import action
from hubs.auth import Principal
from hubs.errors import HubError
from hubs.executor import run
from hubs.feeds.subscriptions import Position
from hubs.hub import Hub
from hubs.permissions import BasePermission, IsAuthenticated
from hubs.worker import current_worker, existing_worker
from tests.hubs import wards
from tests.hubs.feeds.events import record
from tests.hubs.wards import WARDS, SeesWard, connect, set_wards

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _renewing(hubs):
    hubs(RENEW="tests.hubs.wards.renew")
    WARDS.clear()


class Held(BasePermission):
    """Answers when the test says so."""

    asked: asyncio.Event
    gate: asyncio.Event
    hours = 1

    async def has_permission(self, request):
        until = datetime.now(UTC) + timedelta(hours=Held.hours)
        self.asked.set()
        await self.gate.wait()
        request.ask_again_at(until)
        return True


class BreaksForOne(BasePermission):
    """Code of the project that raises for one user, whatever it is asked."""

    error: BaseException | None = None

    def has_permission(self, request):
        if request.user.pk == 7 and BreaksForOne.error is not None:
            raise BreaksForOne.error
        return True


class Desk(Hub):
    permission_classes = [IsAuthenticated]

    @action(permission_classes=[BreaksForOne])
    async def follow(self, ward: str) -> Position:
        return await self.feeds.subscribe(ward, lambda position: position)

    @action(permission_classes=[Held])
    async def follow_if_held(self, feed: str) -> Position:
        return await self.feeds.subscribe(feed, lambda position: position)

    @action
    async def leave(self, feed: str) -> None:
        await self.feeds.unsubscribe(feed)

    @action(permission_classes=[SeesWard])
    async def read(self, ward: str) -> str:
        return ward


@pytest.mark.parametrize(
    "error",
    [ObjectDoesNotExist("no such ward"), DataError("integer out of range"), asyncio.CancelledError()],
    ids=lambda error: type(error).__name__,
)
async def test_a_class_that_goes_on_raising_ends_its_own_connection_and_nobody_elses(
    error, monkeypatch, caplog
):
    async with connect(Desk, 7, "icu") as one, connect(Desk, 8, "icu") as other:
        await one.invoke("Follow", "icu")
        await other.invoke("Follow", "icu")
        monkeypatch.setattr(BreaksForOne, "error", error)
        await run(set_wards, 7, "icu")
        assert (await one.receive_close()).allow_reconnect is True
        await run(record, "icu", "seen")
        payload, _ = await other.receive("ObservationRecorded")
        assert payload["patientId"] == "seen"
        assert (await other.invoke("Follow", "er"))["feed"] == "er"
    assert "rights cannot be read" in caplog.messages
    assert "feeds could not be read" not in caplog.messages


class Overtaken:
    """What HUBS["RENEW"] names; the first reading of user 7 answers when the test says so."""

    def __init__(self) -> None:
        self.has_read, self.may_answer, self.has_answered = (threading.Event() for _ in range(3))
        self.readings = 0

    def __call__(self, principal: Principal) -> Principal:
        found = wards.renew(principal)
        if principal.user.pk != 7:
            return found
        self.readings += 1
        if self.readings == 1:
            self.has_read.set()
            self.may_answer.wait(5)
        elif self.may_answer.is_set():
            self.has_answered.set()
        return found


async def test_a_reading_that_answers_late_brings_no_withdrawn_right_back(monkeypatch):
    overtaken = Overtaken()
    monkeypatch.setattr("hubs.conf.HubsSettings.renew", property(lambda _: overtaken))
    async with connect(Desk, 7, "icu", "er") as client:
        await run(set_wards, 7, "icu", "er", "more")
        await run(overtaken.has_read.wait, 5)
        await run(set_wards, 7, "er")
        await current_worker().pump.authority.catch_up()
        with pytest.raises(HubError):
            await client.invoke("Read", "icu")
        overtaken.may_answer.set()
        await run(
            overtaken.has_answered.wait, 5
        )  # the late answer counts for nothing, and is asked for again
        await current_worker().pump.authority.catch_up()
        with pytest.raises(HubError):
            await client.invoke("Read", "icu")
        assert await client.invoke("Read", "er") == "er"


async def test_who_is_overtaken_without_end_does_not_stay_and_may_come_back(monkeypatch):
    """A client that goes on sending tokens must not hold up the round that reads its rights for everybody."""

    def overtaken(principal):
        (connection,) = (each for each in worker.registry if each.user_id == "7")
        connection.rights += 1
        return wards.renew(principal)

    async with connect(Desk, 7, "icu") as client:
        worker = current_worker()
        monkeypatch.setattr("hubs.conf.HubsSettings.renew", property(lambda _: overtaken))
        await run(set_wards, 7, "icu")
        assert (await client.receive_close()).allow_reconnect is True


@pytest.fixture
def _held(monkeypatch):
    monkeypatch.setattr(Held, "asked", asyncio.Event(), raising=False)
    monkeypatch.setattr(Held, "gate", asyncio.Event(), raising=False)
    monkeypatch.setattr(Held, "hours", 1)
    Held.gate.set()


@pytest.mark.usefixtures("_held")
async def test_an_answer_that_comes_late_moves_no_end_of_a_right_back(monkeypatch):
    async with connect(Desk, 7) as client:
        await client.invoke("FollowIfHeld", "ward:icu")
        pump = current_worker().pump
        (connection,) = pump._followed
        cursor = pump._feeds["ward:icu"].cursors[connection]
        Held.asked.clear()
        late = asyncio.Event()
        monkeypatch.setattr(Held, "gate", late)
        monkeypatch.setattr(Held, "hours", 10)
        older = asyncio.create_task(pump.review(connection))
        await Held.asked.wait()
        monkeypatch.setattr(Held, "gate", asyncio.Event())
        Held.gate.set()
        monkeypatch.setattr(Held, "hours", 2)
        await pump.review(connection)
        late.set()
        await older
        assert cursor.grant.deadline < time.monotonic() + 3 * 3600


@pytest.mark.parametrize("stays", [True, False])
@pytest.mark.usefixtures("_held")
async def test_who_leaves_while_asked_for_its_feeds_again_breaks_nobodys_round(stays):
    async with connect(Desk, 7) as client:
        for feed in ("ward:icu", "ward:cardio"):
            await client.invoke("FollowIfHeld", feed)
        pump = existing_worker().pump
        (connection,) = pump._followed
        Held.asked.clear()
        Held.gate.clear()
        review = asyncio.create_task(pump.review(connection))
        await Held.asked.wait()
        if stays:
            await client.invoke("Leave", "ward:icu")
            await client.invoke("Leave", "ward:cardio")
        else:
            await client.disconnect()
        Held.gate.set()
        await review
        assert not pump._followed
