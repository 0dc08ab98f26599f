"""Rights that end by themselves: nothing flows behind their time, although nobody writes that they end."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from hubs.actions import action
from hubs.executor import run
from hubs.feeds.pump import Pump
from hubs.feeds.subscriptions import Position
from hubs.hub import Hub
from hubs.permissions import AllowAny, BasePermission
from hubs.protocol.messages import Close
from hubs.testing import HubCommunicator
from hubs.worker import current_worker
from tests.hubs.clock import clock
from tests.hubs.feeds.events import record

pytestmark = pytest.mark.django_db(transaction=True)

ICU = "ward:icu"
ENDED = [{"feed": ICU, "reason": "forbidden"}]


def soon(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


async def shorten(seconds: float) -> None:
    """Lets the shift of whoever follows end so soon."""
    OnShift.until = soon(seconds)
    (connection,) = current_worker().pump._followed
    await current_worker().pump.review(connection)


class OnShift(BasePermission):
    """Grants until the end of a shift; asked about a right that may have ended, it waits for the gate."""

    until: ClassVar[datetime]
    gate: ClassVar[asyncio.Event | None] = None
    failure: ClassVar[Exception | None] = None

    async def has_permission(self, request):
        if datetime.now(UTC) >= self.until:
            if self.gate is not None:
                await self.gate.wait()
            if self.failure is not None:
                raise self.failure
        request.ask_again_at(self.until)
        return datetime.now(UTC) < self.until


class Board(Hub):
    permission_classes = [AllowAny]

    @action(permission_classes=[OnShift])
    async def follow(self, feed: str) -> Position:
        return await self.feeds.subscribe(feed, lambda position: position)


@pytest.fixture(autouse=True)
def shift(monkeypatch, settings):
    # The look at all feeds must not be what finds the end.
    settings.HUBS = settings.HUBS | {"FEED_POLL_INTERVAL": 60.0}
    monkeypatch.setattr(OnShift, "until", soon(3600), raising=False)


async def test_a_right_that_ends_by_itself_is_told_at_its_time_and_not_before():
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        await run(record, ICU, "during")
        assert (await client.receive("ObservationRecorded"))[0]["patientId"] == "during"
        await shorten(0.3)
        assert await client.receive("FeedEnded") == ENDED
        assert datetime.now(UTC) >= OnShift.until
        await run(record, ICU, "behind")
        assert await client.receive_nothing()
        assert current_worker().pump._deadlines._watched == set()


async def test_nothing_is_delivered_behind_the_time_while_it_is_asked_whether_the_right_goes_on(monkeypatch):
    """The asking takes as long as it takes, and the event is withheld meanwhile."""
    gate = asyncio.Event()
    monkeypatch.setattr(OnShift, "gate", gate)
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        await shorten(0.1)
        clock(monkeypatch).advance(1)
        OnShift.until = datetime.now(UTC)
        await run(record, ICU, "behind")
        assert await client.receive_nothing()
        gate.set()
        assert await client.receive("FeedEnded") == ENDED
        assert await client.receive_nothing()


async def test_a_right_that_goes_on_is_asked_for_and_nothing_is_missed(monkeypatch):
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        await run(record, ICU, "a")
        await client.receive("ObservationRecorded")
        await shorten(5)
        OnShift.until = soon(3600)
        clock(monkeypatch).advance(6)
        await run(record, ICU, "b")
        payload, place = await client.receive("ObservationRecorded")
        assert (payload["patientId"], place["after"], place["seq"]) == ("b", 1, 2)
        (cursor,) = current_worker().pump._feeds[ICU].cursors.values()
        assert not cursor.grant.is_due


async def test_who_cannot_be_asked_for_is_sent_away_and_may_come_back(monkeypatch):
    monkeypatch.setattr(OnShift, "failure", RuntimeError("the database is away"))
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        await shorten(0.1)
        closed = await client.receive_close()
        assert isinstance(closed, Close)
        assert closed.allow_reconnect is True


async def test_who_follows_again_or_stops_is_not_waited_for():
    async with HubCommunicator(Board) as client:
        watched = current_worker().pump._deadlines._watched
        for _ in range(3):
            await client.invoke("Follow", ICU)
        assert len(watched) == 1
    assert watched == set()


async def test_a_right_that_has_ended_while_the_snapshot_was_made_is_no_right(monkeypatch):
    class Slow(Board):
        @action(permission_classes=[OnShift])
        async def follow_slowly(self, feed: str) -> Position:
            def snapshot(position):
                monkeypatch.setattr(OnShift, "until", datetime.now(UTC))
                return position

            return await self.feeds.subscribe(feed, snapshot)

    async with HubCommunicator(Slow) as client:
        with pytest.raises(Exception, match="You may not follow this any more"):
            await client.invoke("FollowSlowly", ICU)


async def test_a_time_that_comes_between_the_question_and_the_delivery_counts_too(monkeypatch):
    async def answered_a_moment_before(pump):
        """As if the answer had been good, and then taken too long to come."""

    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        await shorten(5)
        monkeypatch.setattr(Pump, "_ask_again", answered_a_moment_before)
        clock(monkeypatch).advance(6)
        await run(record, ICU, "behind")
        assert await client.receive_nothing()
