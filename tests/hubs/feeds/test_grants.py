from typing import ClassVar

import pytest

from hubs.actions import action
from hubs.feeds.grants import Grant
from hubs.feeds.subscriptions import Position
from hubs.hub import Hub
from hubs.permissions import AllowAny, BasePermission
from hubs.testing import HubCommunicator
from hubs.worker import current_worker

pytestmark = pytest.mark.django_db(transaction=True)


class OpenWards(BasePermission):
    wards: ClassVar[set[str]] = {"ward:icu", "ward:cardio"}

    def has_permission(self, request):
        return request.arguments["feed"] in self.wards


class Board(Hub):
    permission_classes = [AllowAny]

    @action(permission_classes=[OpenWards])
    async def follow(self, feed: str) -> Position:
        return await self.feeds.subscribe(feed, lambda position: position)


def grant_of(feed: str) -> Grant:
    (cursor,) = current_worker().pump._feeds[feed].cursors.values()
    return cursor.grant


async def test_a_grant_asks_the_classes_of_its_action_again_with_the_same_arguments(monkeypatch):
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", "ward:icu")
        await client.invoke("Follow", "ward:cardio")
        monkeypatch.setattr(OpenWards, "wards", {"ward:cardio"})
        assert await grant_of("ward:icu").renewed() is None
        assert await grant_of("ward:cardio").renewed() == grant_of("ward:cardio")


async def test_a_grant_that_came_without_an_action_asks_the_hub_and_a_hub_without_classes_refuses(
    monkeypatch,
):
    class Greeting(Hub):
        permission_classes = [AllowAny]

        async def on_connected(self):
            await self.feeds.subscribe("ward:icu", lambda position: position)

    async with HubCommunicator(Greeting) as client:
        await client.receive_nothing()
        grant = grant_of("ward:icu")
        assert grant.action is None
        assert await grant.renewed() == grant
        monkeypatch.setattr(Greeting, "permission_classes", ())
        assert await grant.renewed() is None
