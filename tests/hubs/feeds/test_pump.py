import asyncio
import datetime as dt
import time

import pytest
from django.db import OperationalError, transaction

from hubs.actions import action
from hubs.conf import redis_channel_layer
from hubs.errors import HubError
from hubs.executor import run
from hubs.feeds import log
from hubs.feeds.subscriptions import Position
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.protocol import json_protocol
from hubs.protocol.messages import Close, Completion, Invocation
from hubs.testing import HubCommunicator
from hubs.worker import current_worker, existing_worker
from tests.hubs.feeds.events import record

pytestmark = pytest.mark.django_db(transaction=True)

ICU = "ward:icu"


def position_only(position: Position) -> Position:
    return position


def recorded_meanwhile(position: Position) -> Position:
    record(position.feed, "between")
    return position


class Board(Hub):
    permission_classes = [AllowAny]
    followed: asyncio.Event
    gate: asyncio.Event

    @action
    async def follow(self, feed: str) -> Position:
        return await self.feeds.subscribe(feed, position_only)

    @action
    async def follow_while_it_grows(self, feed: str) -> Position:
        return await self.feeds.subscribe(feed, recorded_meanwhile)

    @action
    async def follow_slowly(self, feed: str) -> Position:
        position = await self.feeds.subscribe(feed, position_only)
        self.followed.set()
        await self.gate.wait()
        return position

    @action
    async def follow_and_fail(self, feed: str) -> None:
        await self.feeds.subscribe(feed, position_only)
        raise HubError("Ward full.")

    @action
    async def leave(self, feed: str) -> None:
        await self.feeds.unsubscribe(feed)

    @action
    async def call_group(self, name: str) -> None:
        await self.clients.group(name).send("Called", name)


async def arrivals(client: HubCommunicator, count: int) -> list[tuple[str, int, int]]:
    """(patient, after, seq) of the next events."""
    found = []
    for _ in range(count):
        payload, place = await client.receive("ObservationRecorded")
        found.append((payload["patientId"], place["after"], place["seq"]))
    return found


async def test_an_event_arrives_with_its_payload_and_its_place_in_the_feed():
    async with HubCommunicator(Board) as client:
        assert await client.invoke("Follow", ICU) == {"feed": ICU, "epoch": 1, "seq": 0}
        await run(record, ICU, "a")
        payload, place = await client.receive("ObservationRecorded")
    assert payload == {"patientId": "a", "spo2": 97}
    at = dt.datetime.fromisoformat(place.pop("at"))
    assert place == {"feed": ICU, "epoch": 1, "after": 0, "seq": 1}
    assert abs((dt.datetime.now(dt.UTC) - at).total_seconds()) < 60


async def test_each_event_names_the_one_before_so_that_a_gap_shows():
    await run(record, ICU, "before")
    async with HubCommunicator(Board) as client:
        assert (await client.invoke("Follow", ICU))["seq"] == 1
        await run(record, ICU, "a", "b")
        await run(record, ICU, "c")
        assert await arrivals(client, 3) == [("a", 1, 2), ("b", 2, 3), ("c", 3, 4)]


async def test_the_number_is_read_before_the_snapshot_so_that_nothing_falls_between():
    async with HubCommunicator(Board) as client:
        assert (await client.invoke("FollowWhileItGrows", ICU))["seq"] == 0
        assert await arrivals(client, 1) == [("between", 0, 1)]


async def test_what_happens_before_the_completion_arrives_behind_it():
    class Slow(Board):
        followed, gate = asyncio.Event(), asyncio.Event()

    async with HubCommunicator(Slow) as client, HubCommunicator(Slow) as witness:
        await witness.invoke("Follow", ICU)
        await client.send_message(Invocation("FollowSlowly", [ICU], "1"))
        await Slow.followed.wait()
        await run(record, ICU, "early")
        await arrivals(witness, 1)
        assert await client.receive_nothing()
        Slow.gate.set()
        frames = ""
        while frames.count("\x1e") < 2:
            frames += (await client.receive_output())["text"]
    first, second, _ = frames.split("\x1e")
    assert first.startswith('{"type":3,"invocationId":"1","result":{')
    assert '"early"' in second


async def test_a_call_that_fails_follows_nothing():
    async with HubCommunicator(Board) as client, HubCommunicator(Board) as witness:
        await witness.invoke("Follow", ICU)
        with pytest.raises(HubError):
            await client.invoke("FollowAndFail", ICU)
        await run(record, ICU, "a")
        await arrivals(witness, 1)
        await client.invoke("CallGroup", ICU)
        assert await client.receive_nothing()


async def test_following_again_starts_afresh_and_doubles_nothing():
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        await run(record, ICU, "a")
        await arrivals(client, 1)
        assert (await client.invoke("Follow", ICU))["seq"] == 1
        await run(record, ICU, "b")
        assert await arrivals(client, 1) == [("b", 1, 2)]
        assert await client.receive_nothing()


async def test_following_joins_the_group_of_the_feeds_name_and_leaving_takes_out():
    async with HubCommunicator(Board) as client, HubCommunicator(Board) as other:
        await client.invoke("Follow", ICU)
        await other.invoke("CallGroup", ICU)
        assert await client.receive("Called") == [ICU]
        await client.invoke("Leave", ICU)
        await other.invoke("CallGroup", ICU)
        await run(record, ICU, "a")
        assert await client.receive_nothing()


async def test_leaving_a_feed_that_one_does_not_follow_is_no_error():
    async with HubCommunicator(Board) as client:
        assert await client.invoke("Leave", "ward:unknown") is None


async def test_only_what_is_followed_arrives():
    async with HubCommunicator(Board) as icu, HubCommunicator(Board) as cardio:
        await icu.invoke("Follow", ICU)
        await cardio.invoke("Follow", "ward:cardio")
        await run(record, ICU, "a")
        await run(record, "ward:cardio", "b")
        assert await arrivals(icu, 1) == [("a", 0, 1)]
        assert await arrivals(cardio, 1) == [("b", 0, 1)]
        assert await icu.receive_nothing()


async def test_a_rolled_back_write_is_never_seen():
    def rolled_back() -> None:
        with transaction.atomic():
            record(ICU, "never")
            transaction.set_rollback(True)

    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        await run(rolled_back)
        await run(record, ICU, "a")
        assert await arrivals(client, 1) == [("a", 0, 1)]
        assert await client.receive_nothing()


async def test_one_reading_serves_all_followers(monkeypatch):
    readings = []
    original = log.events_after
    monkeypatch.setattr(log, "events_after", lambda numbers: readings.append(1) or original(numbers))
    clients = [HubCommunicator(Board) for _ in range(5)]
    for client in clients:
        await client.connect()
        await client.invoke("Follow", ICU)
    readings.clear()
    await run(record, ICU, "a")
    for client in clients:
        assert await arrivals(client, 1) == [("a", 0, 1)]
    assert len(readings) <= 2
    for client in clients:
        await client.disconnect()


async def test_a_client_that_is_far_behind_gets_everything_in_order(monkeypatch):
    monkeypatch.setattr(log, "READ_AT_ONCE", 3)
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        await run(record, ICU, *map(str, range(10)))
        assert await arrivals(client, 10) == [(str(number), number, number + 1) for number in range(10)]


async def test_who_has_left_disturbs_nobody():
    async with HubCommunicator(Board) as client:
        async with HubCommunicator(Board) as leaver:
            await leaver.invoke("Follow", ICU)
            await client.invoke("Follow", ICU)
        await run(record, ICU, "a")
        assert await arrivals(client, 1) == [("a", 0, 1)]


async def listening() -> None:
    await current_worker().backplane.listening.wait()


async def test_what_is_recorded_at_one_worker_arrives_at_the_other_without_a_poll(elsewhere, hubs):
    hubs(FEED_POLL_INTERVAL=3600)
    there = HubCommunicator(Board)
    async with HubCommunicator(Board) as here:
        await elsewhere(there.connect())
        await here.invoke("Follow", ICU)
        await elsewhere(there.invoke("Follow", ICU))
        await listening()
        await elsewhere(listening())
        await run(record, ICU, "a")
        await elsewhere(run(record, ICU, "b"))
        assert await arrivals(here, 2) == [("a", 0, 1), ("b", 1, 2)]
        assert await elsewhere(arrivals(there, 2)) == [("a", 0, 1), ("b", 1, 2)]
        await elsewhere(there.disconnect())


async def test_a_lost_wake_up_costs_time_and_no_event(hubs, monkeypatch):
    hubs(FEED_POLL_INTERVAL=0.05)
    monkeypatch.setattr("hubs.feeds.wake.wake", lambda feed, seq: None)
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        await run(record, ICU, "a")
        assert await arrivals(client, 1) == [("a", 0, 1)]


async def test_without_a_poll_a_wake_up_alone_brings_the_event(hubs):
    hubs(FEED_POLL_INTERVAL=3600)
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        await listening()
        await run(record, ICU, "a")
        assert await arrivals(client, 1) == [("a", 0, 1)]


async def test_a_dead_redis_delays_the_event_and_neither_fails_nor_slows_the_write(hubs, settings):
    settings.CHANNEL_LAYERS = {"default": redis_channel_layer("redis://127.0.0.1:1/0", secret="tests")}
    hubs(FEED_POLL_INTERVAL=0.05)
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        started = time.monotonic()
        await run(record, ICU, "a")
        assert time.monotonic() - started < 1.0
        assert await arrivals(client, 1) == [("a", 0, 1)]


async def test_a_database_that_is_away_for_a_while_delays_the_event(hubs, monkeypatch, caplog):
    caplog.set_level("INFO")
    hubs(FEED_POLL_INTERVAL=0.05)
    failures = iter([True, True])
    original = log.events_after

    def failing(numbers):
        if next(failures, False):
            raise OSError("disk away")
        return original(numbers)

    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        monkeypatch.setattr(log, "events_after", failing)
        await run(record, ICU, "a")
        assert await arrivals(client, 1) == [("a", 0, 1)]
        await client.receive_nothing()
    assert caplog.messages.count("feeds could not be read") == 1
    assert "feeds are read again" in caplog.messages


async def test_a_follower_hears_that_its_feed_is_read_and_how_far(hubs):
    hubs(FEED_POLL_INTERVAL=0.02, HEARTBEAT_INTERVAL=0.02)
    await run(record, ICU, "first")
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        (beat,) = await client.receive("Heartbeat")
        assert beat["feeds"] == {ICU: 1}
        assert dt.datetime.fromisoformat(beat["serverTime"]).tzinfo is not None


async def test_who_follows_nothing_hears_no_heartbeat(hubs):
    hubs(FEED_POLL_INTERVAL=0.02, HEARTBEAT_INTERVAL=0.02)
    async with HubCommunicator(Board) as follower, HubCommunicator(Board) as other:
        await follower.invoke("Follow", ICU)
        await follower.receive("Heartbeat")
        await other.receive_nothing()


async def test_SE_9_without_a_successful_read_there_is_no_heartbeat(hubs, monkeypatch):
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        hubs(FEED_POLL_INTERVAL=0.02, HEARTBEAT_INTERVAL=0.02)
        failed = asyncio.Event()
        loop = asyncio.get_running_loop()

        def away(numbers):
            loop.call_soon_threadsafe(failed.set)
            raise OperationalError("the database is away")

        monkeypatch.setattr(log, "heads", away)
        existing_worker().pump._beat_due_at = 0.0
        existing_worker().pump.wake(ICU)
        await asyncio.wait_for(failed.wait(), 5)
        await client.receive_nothing()


async def test_a_feed_that_is_always_busy_does_not_keep_others_from_the_poll(hubs, monkeypatch):
    hubs(FEED_POLL_INTERVAL=0.05)
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        await client.invoke("Follow", "ward:busy")
        pump = existing_worker().pump
        monkeypatch.setattr("hubs.feeds.wake.wake", lambda feed, seq: None)
        await run(record, ICU, "unheard")
        stop = asyncio.Event()

        async def keep_busy():
            while not stop.is_set():
                pump.wake("ward:busy")
                await asyncio.sleep(0)

        busy = asyncio.create_task(keep_busy())
        assert await arrivals(client, 1) == [("unheard", 0, 1)]
        stop.set()
        await busy


async def test_LG_2_no_line_of_the_log_shows_a_payload(caplog):
    caplog.set_level("DEBUG")
    async with HubCommunicator(Board) as client:
        await client.invoke("Follow", ICU)
        await run(record, ICU, "NHS 943 476 5919")
        await arrivals(client, 1)
    ours = [record_ for record_ in caplog.records if record_.name.startswith("hubs")]
    assert "943 476" not in "\n".join(f"{record_.getMessage()} {vars(record_)}" for record_ in ours)


async def test_a_completion_without_a_follower_does_not_wait_for_the_feed():
    async with HubCommunicator(Board) as client:
        await client.send_message(Invocation("Follow", ["ward:empty"], "1"))
        assert (await client.receive_message(Completion)).error is None
        assert await client.receive_nothing()


async def test_an_event_that_a_protocol_cannot_carry_ends_its_connection_and_no_other_feed(monkeypatch):
    encode, events_after = json_protocol.encode, log.events_after

    def failing(message):
        if isinstance(message, Invocation) and b"poison" in bytes(message.arguments[0]):
            raise OverflowError("Integer value out of range")
        return encode(message)

    async with HubCommunicator(Board) as client, HubCommunicator(Board) as witness:
        await client.invoke("Follow", ICU)
        await witness.invoke("Follow", "ward:a")
        monkeypatch.setattr(json_protocol, "encode", failing)
        monkeypatch.setattr(
            log, "events_after", lambda numbers: events_after(dict.fromkeys([ICU, "ward:a"], 0))
        )
        monkeypatch.setattr("hubs.feeds.wake.wake", lambda feed, seq: None)
        await run(record, ICU, "poison")
        await run(record, "ward:a", "a")
        existing_worker().pump.wake(ICU)
        assert await arrivals(witness, 1) == [("a", 0, 1)]
        assert await client.receive_close() == Close("Connection closed with an error.", allow_reconnect=True)
