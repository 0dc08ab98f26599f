import asyncio
import random
import threading
from contextlib import suppress

import pytest
from django.db import transaction

from hubs.actions import action
from hubs.auth import InvalidToken, Principal
from hubs.authority import rights_changed
from hubs.errors import HubError
from hubs.executor import run
from hubs.feeds.subscriptions import Position
from hubs.hub import Hub
from hubs.permissions import BasePermission, IsAuthenticated
from hubs.protocol.messages import Close
from hubs.testing import HubCommunicator, UpgradeRefused
from hubs.worker import existing_worker
from tests.hubs import tokens
from tests.hubs.feeds.events import record
from tests.hubs.site import site

pytestmark = pytest.mark.django_db(transaction=True)

# What the database of these tests says: the wards of each user; who is not in it may not be here.
WARDS: dict[int, set[str]] = {}


def renew(principal: Principal) -> Principal:
    if (wards := WARDS.get(principal.user.pk)) is None:
        raise InvalidToken("deactivated user")
    return Principal(principal.user, {**principal.claims, "wards": sorted(wards)}, principal.expires_at)


def verify(token: str) -> Principal:
    """Reads the user from the database, as a product's does."""
    return renew(tokens.verify(token))


def set_wards(user: int, *wards: str) -> None:
    with transaction.atomic():
        WARDS[user] = set(wards)
        rights_changed(user)


def deactivate(user: int) -> None:
    with transaction.atomic():
        WARDS.pop(user, None)
        rights_changed(user)


class SeesWard(BasePermission):
    def has_permission(self, request):
        return request.arguments["ward"] in request.claims["wards"]


class SeesAnyWard(BasePermission):
    def has_permission(self, request):
        return bool(request.claims["wards"])


class Board(Hub):
    permission_classes = [IsAuthenticated, SeesAnyWard]
    gate: threading.Event
    reached: asyncio.Event

    def feed_view(self, feed):
        return "/".join(self.claims["wards"])

    @action(permission_classes=[SeesWard])
    async def follow(self, ward: str) -> Position:
        return await self.feeds.subscribe(ward, lambda position: position)

    @action(permission_classes=[SeesWard])
    async def follow_slowly(self, ward: str) -> Position:
        loop = asyncio.get_running_loop()

        def snapshot(position: Position) -> Position:
            loop.call_soon_threadsafe(self.reached.set)
            self.gate.wait(5)
            return position

        return await self.feeds.subscribe(ward, snapshot)

    @action(permission_classes=[SeesWard])
    async def come_back(self, ward: str, seq: int) -> dict:
        return await self.feeds.resume(ward, 1, seq)


@pytest.fixture(autouse=True)
def _renewing(hubs):
    hubs(RENEW="tests.hubs.test_rights.renew")
    WARDS.clear()


def connect(user: int, *wards: str, hub=Board) -> HubCommunicator:
    WARDS.setdefault(user, set(wards))
    return HubCommunicator(hub, user=tokens.user(user), claims={"wards": sorted(WARDS[user])})


async def test_who_may_not_be_here_any_more_is_told_and_does_not_come_back():
    async with connect(7, "icu") as client, connect(8, "icu") as other:
        await client.invoke("Follow", "icu")
        await other.invoke("Follow", "icu")
        await run(deactivate, 7)
        assert await client.receive_close() == Close("Your access has been withdrawn.", allow_reconnect=False)
        await run(record, "icu", "a")
        await other.receive("ObservationRecorded")


async def test_a_lost_ward_ends_and_says_which_and_the_others_go_on():
    async with connect(7, "icu", "cardio") as client:
        await client.invoke("Follow", "icu")
        await client.invoke("Follow", "cardio")
        await run(set_wards, 7, "cardio")
        assert await client.receive("FeedEnded") == [{"feed": "icu", "reason": "forbidden"}]
        await run(record, "icu", "unseen")
        await run(record, "cardio", "seen")
        payload, _ = await client.receive("ObservationRecorded")
        assert payload["patientId"] == "seen"
        with pytest.raises(HubError):
            await client.invoke("Follow", "icu")


async def test_who_loses_the_right_to_connect_is_closed_though_the_account_lives():
    async with connect(7, "icu") as client:
        await run(set_wards, 7)
        assert (await client.receive_close()).allow_reconnect is False


async def test_a_right_that_was_gained_counts_at_the_next_call_without_a_reconnect():
    async with connect(7, "icu") as client:
        with pytest.raises(HubError):
            await client.invoke("Follow", "cardio")
        await run(set_wards, 7, "icu", "cardio")
        await client.invoke("Follow", "icu")  # works through what was committed before
        assert (await client.invoke("Follow", "cardio"))["feed"] == "cardio"


async def test_AZ_5_the_view_follows_the_rights():
    async with connect(7, "icu") as client:
        await client.invoke("Follow", "icu")
        await run(set_wards, 7, "cardio", "icu")
        await run(record, "icu", "a")
        await client.receive("ObservationRecorded")
        (cursor,) = existing_worker().pump._feeds["icu"].cursors.values()
        assert cursor.grant.view == "cardio/icu"


async def test_AZ_3_what_is_committed_after_a_withdrawal_is_never_delivered_though_only_the_event_wakes(
    monkeypatch,
):
    def withdrawn_then_recorded() -> None:
        with monkeypatch.context() as silent:
            silent.setattr("hubs.feeds.wake.wake", lambda feed, seq: None)
            set_wards(7, "cardio")
        record("icu", "unseen")

    async with connect(7, "icu", "cardio") as client:
        await client.invoke("Follow", "icu")
        await run(withdrawn_then_recorded)
        assert await client.receive("FeedEnded") == [{"feed": "icu", "reason": "forbidden"}]
        assert await client.receive_nothing()


async def test_SE_4_a_lost_wake_up_of_the_authority_is_repaired_by_the_poll(hubs, monkeypatch):
    hubs(FEED_POLL_INTERVAL=0.05)
    monkeypatch.setattr("hubs.feeds.wake.wake", lambda feed, seq: None)
    async with connect(7, "icu") as client:
        await run(deactivate, 7)
        assert (await client.receive_close()).allow_reconnect is False


async def test_a_withdrawal_during_a_snapshot_wins_over_the_snapshot():
    Board.gate, Board.reached = threading.Event(), asyncio.Event()
    async with connect(7, "icu", "cardio") as client:
        following = asyncio.create_task(client.invoke("FollowSlowly", "icu"))
        await Board.reached.wait()
        await run(set_wards, 7, "cardio")
        Board.gate.set()
        with pytest.raises(HubError):
            await following
        await run(record, "icu", "unseen")
        await client.invoke("Follow", "cardio")
        assert await client.receive_nothing()


async def test_a_change_that_leaves_the_right_leaves_the_subscription():
    Board.gate, Board.reached = threading.Event(), asyncio.Event()
    async with connect(7, "icu", "cardio") as client:
        following = asyncio.create_task(client.invoke("FollowSlowly", "icu"))
        await Board.reached.wait()
        await run(set_wards, 7, "icu")
        Board.gate.set()
        assert (await following)["feed"] == "icu"


async def test_SE_6_who_comes_back_without_the_right_is_told_nothing_of_what_was_missed():
    await run(record, "icu", "a", "b")
    async with connect(7, "icu", "cardio") as client:
        assert len((await client.invoke("ComeBack", "icu", 0))["events"]) == 2
        await run(set_wards, 7, "cardio")
        with pytest.raises(HubError):
            await client.invoke("ComeBack", "icu", 0)


async def test_SE_9_a_database_that_is_away_delivers_nothing_before_the_rights_are_known(hubs, monkeypatch):
    hubs(FEED_POLL_INTERVAL=0.05)
    failures = iter([OSError("away")] * 3)

    def failing(principal):
        if (error := next(failures, None)) is not None:
            raise error
        return renew(principal)

    async with connect(7, "icu", "cardio") as client:
        await client.invoke("Follow", "icu")
        monkeypatch.setattr("hubs.conf.HubsSettings.renew", property(lambda _: failing))
        await run(set_wards, 7, "cardio")
        await run(record, "icu", "unseen")
        assert await client.receive("FeedEnded") == [{"feed": "icu", "reason": "forbidden"}]
        assert await client.receive_nothing()


@pytest.mark.parametrize("round_", range(10))
async def test_SE_5_a_withdrawal_at_any_moment_of_a_handshake_wins(round_, hubs):
    """The user is read, the withdrawal is committed at a random later step: the connection never stays."""
    hubs(VERIFY="tests.hubs.test_rights.verify")
    dice = random.Random(round_)
    application = site(board=Board)

    async def attempt(user: int) -> None:
        WARDS[user] = {"icu"}
        client = HubCommunicator(application, path="/hubs/board", headers=[tokens.bearer(user)])
        started = asyncio.Event()

        async def withdraw():
            await started.wait()
            for _ in range(dice.randrange(60)):
                await asyncio.sleep(0)
            await run(deactivate, user)

        withdrawing = asyncio.create_task(withdraw())
        started.set()
        with suppress(UpgradeRefused):  # it was even faster
            await client.connect()
            await withdrawing
            assert (await client.receive_close()).allow_reconnect is False
            await client.disconnect()
        await withdrawing

    async with connect(1, "icu"):
        for user in range(100, 110):
            await attempt(user)


@pytest.mark.parametrize("count", [20, pytest.param(600, marks=pytest.mark.long)])
async def test_AZ_3_events_and_withdrawals_in_any_order_leak_nothing(count):
    """Each event says whether its reader could see the ward when it was committed."""
    dice = random.Random(count)
    received = ""
    async with connect(7, "icu", "cardio") as client:
        for number in range(count):
            await client.invoke("Follow", "icu")
            for event in range(dice.randrange(4)):
                await run(record, "icu", f"visible-{number}-{event}")
            await run(set_wards, 7, "cardio")
            for event in range(dice.randrange(5)):
                await run(record, "icu", f"secret-{number}-{event}")
                await asyncio.sleep(0)
            assert (await client.receive("FeedEnded"))[0]["reason"] == "forbidden"
            await run(set_wards, 7, "icu", "cardio")
            await existing_worker().pump.authority.catch_up()
            while client._unread:
                received += bytes(client._unread.popleft().arguments[0]).decode()
        assert await client.receive_nothing()
    assert "visible" in received
    assert "secret" not in received


async def test_SE_5_whoever_loses_the_race_at_the_handshake_never_reaches_the_hubs_code(hubs, monkeypatch):
    reached = []

    class Greeting(Board):
        async def on_connected(self):
            reached.append(self.user.pk)

    def gone(principal):
        raise InvalidToken("deactivated user")

    hubs(VERIFY="tests.hubs.test_rights.verify")
    WARDS[7] = {"icu"}
    monkeypatch.setattr("hubs.conf.HubsSettings.renew", property(lambda _: gone))
    client = HubCommunicator(site(board=Greeting), path="/hubs/board", headers=[tokens.bearer(7)])
    await client.connect()
    assert (await client.receive_close()).allow_reconnect is False
    await client.disconnect()
    assert reached == []


async def test_SE_9_whose_rights_cannot_be_read_at_a_handshake_does_not_stay_and_may_come_back(
    hubs, monkeypatch
):
    def away(principal):
        raise OSError("away")

    hubs(VERIFY="tests.hubs.test_rights.verify")
    WARDS[7] = {"icu"}
    monkeypatch.setattr("hubs.conf.HubsSettings.renew", property(lambda _: away))
    client = HubCommunicator(site(board=Board), path="/hubs/board", headers=[tokens.bearer(7)])
    await client.connect()  # the first of its worker, which is asked for again
    assert (await client.receive_close()).allow_reconnect is True
    await client.disconnect()


async def test_SE_3_a_withdrawal_closes_connections_on_every_worker(elsewhere):
    there = connect(7, "icu")
    await elsewhere(there.connect())
    async with connect(7, "icu") as here, connect(8, "icu") as other:
        await run(deactivate, 7)
        for close in (await here.receive_close(), await elsewhere(there.receive_close())):
            assert close.allow_reconnect is False
        assert await other.receive_nothing()
    await elsewhere(there.disconnect())


async def test_the_scope_names_the_user_as_they_are_now(monkeypatch):
    class Desk(Board):
        @action
        async def who(self) -> list[str]:
            return [self.user.username, self.scope["user"].username]

    def renamed(principal):
        user = tokens.user(principal.user.pk)
        user.username = "renamed"
        return Principal(user, {**principal.claims, "wards": ["icu"]}, principal.expires_at)

    async with connect(7, "icu", hub=Desk) as client:
        monkeypatch.setattr("hubs.conf.HubsSettings.renew", property(lambda _: renamed))
        await run(set_wards, 7, "icu")
        await client.invoke("Follow", "icu")  # works through what was committed before
        assert await client.invoke("Who") == ["renamed", "renamed"]
