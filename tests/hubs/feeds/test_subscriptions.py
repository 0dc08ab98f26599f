import asyncio
from collections.abc import AsyncIterator

import pytest
from django.db import DatabaseError

from hubs.actions import action
from hubs.errors import HubError
from hubs.executor import run
from hubs.feeds.subscriptions import Position
from hubs.hub import Hub
from hubs.models import Feed
from hubs.permissions import AllowAny
from hubs.testing import HubCommunicator
from tests.hubs.feeds.events import record

snapshots: list[int] = []


def plain(position: Position) -> list[object]:
    snapshots.append(position.seq)
    return [position.feed, position.epoch, position.seq]


pytestmark = pytest.mark.django_db(transaction=True)


class Board(Hub):
    permission_classes = [AllowAny]
    later: asyncio.Task[None]
    has_answered: asyncio.Event

    @action
    async def follow_later(self, feed: str) -> None:
        async def follow() -> None:
            await self.has_answered.wait()
            await self.feeds.subscribe(feed, plain)

        type(self).has_answered = asyncio.Event()
        type(self).later = asyncio.create_task(follow())

    @action
    async def follow_plain(self, feed: str) -> list[object]:
        return await self.feeds.subscribe(feed, plain)

    @action
    async def follow_in_a_stream(self, feed: str) -> AsyncIterator[int]:
        await self.feeds.subscribe(feed, plain)
        yield 1

    @action
    async def follow(self, feed: str) -> list[object]:
        return await self.feeds.subscribe(
            feed, lambda position: [position.feed, position.epoch, position.seq]
        )

    @action
    async def follow_broken(self, feed: str) -> None:
        await self.feeds.subscribe(feed, self._broken)

    @staticmethod
    def _broken(position):
        raise DatabaseError("no such table")


async def test_the_snapshot_gets_the_place_that_it_holds_at_least():
    await run(record, "ward:icu", "a", "b")
    async with HubCommunicator(Board) as client:
        assert await client.invoke("Follow", "ward:icu") == ["ward:icu", 1, 2]


async def test_a_feed_that_has_had_no_event_starts_at_zero():
    async with HubCommunicator(Board) as client:
        assert await client.invoke("Follow", "ward:new") == ["ward:new", 1, 0]


async def test_a_broken_snapshot_fails_the_call_and_follows_nothing():
    async with HubCommunicator(Board) as client, HubCommunicator(Board) as witness:
        await witness.invoke("Follow", "ward:icu")
        with pytest.raises(HubError):
            await client.invoke("FollowBroken", "ward:icu")
        await run(record, "ward:icu", "a")
        await witness.receive("ObservationRecorded")
        assert await client.receive_nothing()


async def test_a_snapshot_is_built_once_a_number_however_many_ask():
    snapshots.clear()
    clients = [HubCommunicator(Board) for _ in range(6)]
    for client in clients:
        await client.connect()
    answers = await asyncio.gather(*(client.invoke("FollowPlain", "ward:icu") for client in clients))
    assert answers == [["ward:icu", 1, 0]] * 6
    await run(record, "ward:icu", "a")
    assert await clients[0].invoke("FollowPlain", "ward:icu") == ["ward:icu", 1, 1]
    assert await clients[1].invoke("FollowPlain", "ward:icu") == ["ward:icu", 1, 1]
    assert snapshots == [0, 1]
    for client in clients:
        await client.disconnect()


async def test_a_snapshot_that_may_know_its_user_is_built_for_each():
    class Personal(Hub):
        permission_classes = [AllowAny]

        @action
        async def follow(self, feed: str) -> str:
            return await self.feeds.subscribe(feed, lambda position: self.connection_id)

    async with HubCommunicator(Personal) as one, HubCommunicator(Personal) as other:
        assert await one.invoke("Follow", "ward:icu") != await other.invoke("Follow", "ward:icu")


async def test_a_subscription_at_connect_flows_at_once():
    class Greeting(Hub):
        permission_classes = [AllowAny]

        async def on_connected(self):
            await self.feeds.subscribe("ward:icu", plain)
            await self.clients.caller.send("Ready")

    async with HubCommunicator(Greeting) as client:
        await client.receive("Ready")
        await run(record, "ward:icu", "a")
        await client.receive("ObservationRecorded")


async def test_a_subscription_from_a_task_that_outlives_its_call_flows_at_once():
    async with HubCommunicator(Board) as client:
        await client.invoke("FollowLater", "ward:icu")
        Board.has_answered.set()
        await Board.later
        await run(record, "ward:icu", "a")
        await client.receive("ObservationRecorded")


async def test_a_stream_cannot_follow_and_says_so(caplog):
    async with HubCommunicator(Board) as client:
        with pytest.raises(HubError):
            [item async for item in client.stream("FollowInAStream", "ward:icu")]
    failed = next(record for record in caplog.records if record.message == "action failed")
    assert failed.exc_info[0].__name__ == "RuntimeError"


async def test_a_feed_whose_history_was_cut_ends_with_the_word_to_reload(hubs):
    hubs(FEED_POLL_INTERVAL=0.02)
    await run(record, "ward:icu", "a")
    async with HubCommunicator(Board) as client:
        await client.invoke("FollowPlain", "ward:icu")
        await run(Feed.objects.filter(name="ward:icu").update, epoch=2)
        assert await client.receive("FeedEnded") == [{"feed": "ward:icu", "reason": "resync"}]
        assert await client.invoke("FollowPlain", "ward:icu") == ["ward:icu", 2, 1]
        await run(record, "ward:icu", "b")
        _, place = await client.receive("ObservationRecorded")
        assert (place["epoch"], place["after"], place["seq"]) == (2, 1, 2)
