import asyncio
import random
import threading
from collections.abc import AsyncIterator

import pytest

from hubs.actions import action
from hubs.auth import InvalidToken, Principal
from hubs.errors import UNAVAILABLE, HubError, stream_failed
from hubs.executor import run
from hubs.feeds import pump
from hubs.feeds.subscriptions import Position
from hubs.hub import Hub
from hubs.permissions import IsAuthenticated
from hubs.protocol.messages import Close, Completion, StreamInvocation, StreamItem
from hubs.testing import HubCommunicator
from hubs.worker import current_worker, existing_worker
from tests.hubs import tokens, wards
from tests.hubs.feeds.events import record
from tests.hubs.site import site
from tests.hubs.wards import WARDS, SeesAnyWard, SeesWard, deactivate, renew, set_wards

pytestmark = pytest.mark.django_db(transaction=True)


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

    @action(permission_classes=[SeesWard])
    async def watch(self, ward: str) -> AsyncIterator[str]:
        yield ward
        await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def _renewing(hubs):
    hubs(RENEW="tests.hubs.wards.renew")
    WARDS.clear()


def connect(user: int, *names: str, hub=Board) -> HubCommunicator:
    return wards.connect(hub, user, *names)


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


class Barrier:
    """Holds handshakes of one user between the reading of the user and all that follows."""

    def __init__(self, handshakes: int) -> None:
        self.has_read = threading.Barrier(handshakes + 1)
        self.may_go_on = threading.Event()

    def wait(self) -> None:
        self.has_read.wait(5)
        self.may_go_on.wait(5)


BARRIERS: dict[int, Barrier] = {}


def verify_at_the_barrier(token: str) -> Principal:
    principal = wards.verify(token)
    if (barrier := BARRIERS.get(principal.user.pk)) is not None:
        barrier.wait()
    return principal


async def caught_up() -> None:
    await current_worker().pump.authority.catch_up()


@pytest.mark.parametrize("round_", range(10))
async def test_SE_5_a_withdrawal_at_any_moment_of_a_handshake_wins(round_, hubs, elsewhere):
    """A user shakes hands with two workers, both have read the user as one who may: neither connection stays.

    The withdrawal is committed, and sometimes worked through, before they go on, or some steps after.
    """
    hubs(VERIFY="tests.hubs.test_rights.verify_at_the_barrier", RENEW="tests.hubs.wards.renew")
    dice = random.Random(round_)
    application = site(board=Board)

    async def attempt(user: int) -> None:
        WARDS[user] = {"icu"}
        barrier = BARRIERS[user] = Barrier(handshakes=2)
        here, there = (
            HubCommunicator(application, path="/hubs/board", headers=[tokens.bearer(user)]) for _ in range(2)
        )
        connecting = [asyncio.create_task(each) for each in (here.connect(), elsewhere(there.connect()))]
        await run(barrier.has_read.wait, 5)
        if (early := dice.randrange(4)) < 2:
            await run(deactivate, user)
        if early == 0:
            await caught_up()
            await elsewhere(caught_up())
        barrier.may_go_on.set()
        if early >= 2:
            for _ in range(dice.randrange(60)):
                await asyncio.sleep(0)
            await run(deactivate, user)
        await asyncio.gather(*connecting)
        assert not (await here.receive_close()).allow_reconnect
        assert not (await elsewhere(there.receive_close())).allow_reconnect
        await here.disconnect()
        await elsewhere(there.disconnect())

    witness = connect(1, "icu")
    await elsewhere(witness.connect())
    async with connect(2, "icu") as other:
        for user in range(100, 110):
            await attempt(user)
        assert await other.receive_nothing()
    await elsewhere(witness.disconnect())


@pytest.mark.parametrize("hangs", [False, True])
async def test_SE_9_what_flows_ends_when_rights_cannot_be_read_for_too_long(hangs, clock, monkeypatch):
    """Whether the database refuses or says nothing at all; afterwards everything can be had again."""
    asked, gate = threading.Event(), threading.Event()

    def unread(*arguments):
        asked.set()
        if hangs:
            gate.wait(5)
        raise OSError("away")

    async with connect(7, "icu") as client:
        await client.invoke("Follow", "icu")
        await client.send_message(StreamInvocation("Watch", ["icu"], "w"))
        await client.receive_message(StreamItem)
        with monkeypatch.context() as outage:
            outage.setattr(pump, "_read", unread)
            existing_worker().pump.wake("icu")
            await run(asked.wait, 5)  # behind a round that had begun before and may see what is recorded now
            await run(record, "icu", "unseen")
            clock.advance(20)  # time itself goes on beside it
            assert await client.receive_nothing()
            clock.advance(11)
            assert await client.receive("FeedEnded") == [{"feed": "icu", "reason": "unavailable"}]
            completion = await client.receive_message(Completion)
            assert completion == Completion("w", error=stream_failed(HubError(UNAVAILABLE), detailed=False))
            assert await client.receive_nothing()
        gate.set()
        assert (await client.invoke("Follow", "icu"))["seq"] == 1
        await run(record, "icu", "seen")
        payload, _ = await client.receive("ObservationRecorded")
        assert payload["patientId"] == "seen"


async def test_SE_5_whoever_loses_the_race_at_the_handshake_never_reaches_the_hubs_code(hubs, monkeypatch):
    reached = []

    class Greeting(Board):
        async def on_connected(self):
            reached.append(self.user.pk)

    def gone(principal):
        raise InvalidToken("deactivated user")

    hubs(VERIFY="tests.hubs.wards.verify")
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

    hubs(VERIFY="tests.hubs.wards.verify")
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
