from typing import Any, ClassVar

import msgspec
import pytest

from hubs.actions import action
from hubs.executor import run
from hubs.feeds import log, resume
from hubs.feeds.subscriptions import Position
from hubs.hub import Hub
from hubs.models import Feed, FeedEvent
from hubs.permissions import AllowAny
from hubs.protocol import messagepack_protocol
from hubs.testing import HubCommunicator
from tests.hubs.feeds.events import ObservationRecorded, record

pytestmark = pytest.mark.django_db(transaction=True)

ICU = "ward:icu"


class Board(Hub):
    permission_classes = [AllowAny]
    events = (ObservationRecorded,)

    @action
    async def follow(self, feed: str) -> Position:
        return await self.feeds.subscribe(feed, lambda position: position)

    @action
    async def come_back(self, feed: str, epoch: int, seq: int) -> Any:
        return await self.feeds.resume(feed, epoch, seq)

    @action
    async def call_group(self, name: str) -> None:
        await self.clients.group(name).send("Called", name)


class Porters(Board):
    """Whose readers see nothing of patient "b", and of others no payload."""

    def feed_view(self, feed: str) -> str:
        return "porter"

    @staticmethod
    def shape(event, view):
        return None if b'"b"' in event.payload else {"view": view}


def places(answer: Any) -> list[tuple[str, int, int]]:
    """(patient, after, seq) of each event."""
    return [
        (payload["patientId"], place["after"], place["seq"])
        for payload, place in (event["arguments"] for event in answer["events"])
    ]


async def test_a_client_that_comes_back_gets_exactly_what_it_missed_and_then_what_follows():
    await run(record, ICU, "a", "b", "c")
    async with HubCommunicator(Board) as client:
        answer = await client.invoke("ComeBack", ICU, 1, 1)
        assert answer.keys() == {"resync", "feed", "epoch", "seq", "events"}
        assert (answer["resync"], answer["feed"], answer["epoch"], answer["seq"]) == (False, ICU, 1, 3)
        assert places(answer) == [("b", 1, 2), ("c", 2, 3)]
        assert {event["target"] for event in answer["events"]} == {"ObservationRecorded"}
        await run(record, ICU, "d")
        payload, place = await client.receive("ObservationRecorded")
        assert (payload["patientId"], place["after"], place["seq"]) == ("d", 3, 4)


async def test_who_has_missed_nothing_gets_nothing_and_follows():
    await run(record, ICU, "a")
    async with HubCommunicator(Board) as client:
        answer = await client.invoke("ComeBack", ICU, 1, 1)
        assert (answer["seq"], answer["events"]) == (1, [])
        await run(record, ICU, "b")
        _, place = await client.receive("ObservationRecorded")
        assert (place["after"], place["seq"]) == (1, 2)


@pytest.mark.parametrize(
    ("epoch", "seq", "why"),
    [
        (2, 1, "another epoch"),
        (1, 4, "a number that was never given"),
        (1, 0, "cut away"),
        (1, -1, "below zero"),
    ],
)
async def test_who_cannot_be_brought_up_to_date_is_told_to_reload_and_follows_nothing(epoch, seq, why):
    await run(record, ICU, "a", "b", "c")
    await run(Feed.objects.filter(name=ICU).update, floor=1)
    async with HubCommunicator(Board) as client, HubCommunicator(Board) as witness:
        await witness.invoke("Follow", ICU)
        assert await client.invoke("ComeBack", ICU, epoch, seq) == {"resync": True}, why
        await run(record, ICU, "d")
        await witness.receive("ObservationRecorded")
        await witness.invoke("CallGroup", ICU)
        assert await client.receive_nothing()


async def test_who_was_following_and_is_told_to_reload_follows_no_longer():
    await run(record, ICU, "a")
    async with HubCommunicator(Board) as client, HubCommunicator(Board) as witness:
        await client.invoke("Follow", ICU)
        await witness.invoke("Follow", ICU)
        assert await client.invoke("ComeBack", ICU, 7, 1) == {"resync": True}
        await run(record, ICU, "b")
        await witness.receive("ObservationRecorded")
        assert await client.receive_nothing()


async def test_more_than_can_be_told_in_one_answer_is_a_reload(monkeypatch):
    monkeypatch.setattr(resume, "MAXIMUM_MISSED", 2)
    await run(record, ICU, "a", "b", "c")
    async with HubCommunicator(Board) as client:
        assert await client.invoke("ComeBack", ICU, 1, 0) == {"resync": True}
        assert len((await client.invoke("ComeBack", ICU, 1, 1))["events"]) == 2


async def test_a_hole_in_the_log_is_never_skipped():
    await run(record, ICU, "a", "b", "c")
    await run(FeedEvent.objects.filter(seq=2).delete)
    async with HubCommunicator(Board) as client:
        assert await client.invoke("ComeBack", ICU, 1, 0) == {"resync": True}


async def test_SE_6_each_missed_event_is_asked_for_anew_in_the_readers_view():
    await run(record, ICU, "a", "b", "c", "b")
    async with HubCommunicator(Porters) as client:
        answer = await client.invoke("ComeBack", ICU, 1, 0)
        seen = [(event["arguments"][0], event["arguments"][1]["seq"]) for event in answer["events"]]
        assert seen == [({"view": "porter"}, 1), ({"view": "porter"}, 3)]
        assert answer["seq"] == 4
        await run(record, ICU, "d")
        _, place = await client.receive("ObservationRecorded")
        assert (place["after"], place["seq"]) == (4, 5)


async def test_an_event_whose_shape_has_changed_since_is_a_reload():
    class Newer(ObservationRecorded, frozen=True):
        SCHEMA: ClassVar[int] = 2

    Newer.__name__ = "ObservationRecorded"

    class NewBoard(Board):
        events = (Newer,)

    await run(record, ICU, "a")
    async with HubCommunicator(NewBoard) as client:
        assert await client.invoke("ComeBack", ICU, 1, 0) == {"resync": True}


async def test_many_who_come_back_from_the_same_number_cost_one_reading(monkeypatch):
    await run(record, ICU, "a", "b")
    readings = []
    original = log.events_after
    monkeypatch.setattr(
        log, "events_after", lambda numbers: readings.append(dict(numbers)) or original(numbers)
    )
    clients = [HubCommunicator(Board) for _ in range(8)]
    for client in clients:
        await client.connect()
        assert len((await client.invoke("ComeBack", ICU, 1, 0))["events"]) == 2
    assert readings == [{ICU: 0}]
    for client in clients:
        await client.disconnect()


def test_the_answer_is_of_the_clients_own_protocol():
    held = Position(ICU, 1, 0)
    with_payload = resume.Missed(1, [(log.LoggedEvent(1, "Recorded", b'{"a":1}', None), b'{"a":1}')])
    (event,) = resume.answer(messagepack_protocol, held, with_payload)["events"]
    assert event["arguments"][0] == {"a": 1}
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(event))["arguments"][1]["after"] == 0
