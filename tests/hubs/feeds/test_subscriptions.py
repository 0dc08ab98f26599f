import pytest
from django.db import DatabaseError

from hubs.actions import action
from hubs.errors import HubError
from hubs.executor import run
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.testing import HubCommunicator
from tests.hubs.feeds.events import record

pytestmark = pytest.mark.django_db(transaction=True)


class Board(Hub):
    permission_classes = [AllowAny]

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
