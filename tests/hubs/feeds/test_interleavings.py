"""Events, withdrawals and readers in random orders, by the real database and the real pump: nothing leaks."""

import asyncio
import random
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from hubs.actions import action
from hubs.auth import Principal
from hubs.authority import FEED, RightsChanged
from hubs.errors import HubError
from hubs.executor import run
from hubs.feeds import log, wake
from hubs.feeds.append import append_all
from hubs.feeds.subscriptions import Position
from hubs.hub import Hub
from hubs.permissions import BasePermission, IsAuthenticated
from hubs.testing import TIMEOUT, HubCommunicator
from hubs.worker import existing_worker
from tests.hubs.feeds.events import ObservationRecorded, record

pytestmark = pytest.mark.django_db(transaction=True)

READERS = 40
EVERYBODYS = "hall"


def renew(principal: Principal) -> Principal:
    user = get_user_model().objects.get(pk=principal.user.pk)
    return Principal(user, principal.claims, principal.expires_at)


class SeesWard(BasePermission):
    """A reader's one ward stands in a column of the user's row."""

    def has_permission(self, request):
        return request.arguments["ward"] in (request.user.first_name, EVERYBODYS)


def snapshot(position: Position) -> list[str]:
    """All that the feed holds when this is read, which may be more than its number says."""
    return [event.payload.decode() for event in log.events_after({position.feed: 0})[position.feed]]


class Board(Hub):
    permission_classes = [IsAuthenticated]

    @action(permission_classes=[SeesWard])
    async def follow(self, ward: str) -> list[str]:
        return await self.feeds.subscribe(ward, snapshot)

    @action(permission_classes=[SeesWard])
    async def come_back(self, ward: str) -> dict:
        return await self.feeds.resume(ward, 1, 0)


class Reader(HubCommunicator):
    """Keeps everything that has come over the socket, whatever it was."""

    def __init__(self, user):
        super().__init__(Board, user=user)
        self.heard = []

    async def receive_output(self, timeout=TIMEOUT):  # noqa: ASYNC109 - Channels' signature
        output = await super().receive_output(timeout)
        self.heard.append(output.get("text", ""))
        return output


@dataclass(frozen=True)
class Step:
    """An event of a reader's ward, or, without a text, the reader's move to the next one."""

    reader: int
    ward: str
    text: str = ""
    next_ward: str = ""


def steps(reader: int, episode: int, dice: random.Random) -> list[Step]:
    """One interleaving: what happens on the ward before and after the reader is withdrawn from it."""
    ward = ward_of(reader, episode)
    return [
        *(Step(reader, ward, "visible") for _ in range(dice.randrange(3))),
        Step(reader, ward, next_ward=ward_of(reader, episode + 1)),
        *(Step(reader, ward, "secret") for _ in range(dice.randrange(1, 4))),
    ]


def ward_of(reader: int, episode: int) -> str:
    return f"ward-{reader}-{episode}"


def shuffled(sequences: list[list[Step]], dice: random.Random) -> list[list[Step]]:
    """The steps of all readers, each reader's in their order, in transactions of random size."""
    turns = [number for number, sequence in enumerate(sequences) for _ in sequence]
    dice.shuffle(turns)
    waiting = [iter(sequence) for sequence in sequences]
    found: list[list[Step]] = [[]]
    for turn in turns:
        if dice.random() < 0.15:
            found.append([])
        found[-1].append(next(waiting[turn]))
    return [each for each in found if each]


def commit(chunk: list[Step]) -> None:
    with transaction.atomic():
        for step in chunk:
            if step.next_ward:
                get_user_model().objects.filter(pk=step.reader).update(first_name=step.next_ward)
        append_all(
            (FEED, RightsChanged(str(step.reader)))
            if step.next_ward
            else (step.ward, ObservationRecorded(step.text))
            for step in chunk
        )


async def write(transactions: list[list[Step]], dice: random.Random) -> None:
    for chunk in transactions:
        await run(commit, chunk)
        await turns(dice)


async def turns(dice: random.Random) -> None:
    """Lets whatever else is under way go on for a moment."""
    for _ in range(dice.randrange(20)):
        await asyncio.sleep(0)


async def read(reader: Reader, ward: str, dice: random.Random) -> None:
    """Follows and comes back at random moments; from the withdrawal on each try is refused."""
    for _ in range(dice.randrange(1, 4)):
        with suppress(HubError):
            await reader.invoke(dice.choice(["Follow", "Follow", "ComeBack"]), ward)
        await turns(dice)


@pytest.fixture
def lossy(monkeypatch):
    """Some wake-ups get lost, as with a real Redis in trouble."""
    dice, wakes = random.Random(0), wake.wake

    def sometimes(feed, seq):
        if dice.random() < 0.8:
            wakes(feed, seq)

    monkeypatch.setattr(wake, "wake", sometimes)


@pytest.mark.parametrize(
    ("seed", "episodes"),
    [(0, 3), *(pytest.param(seed, 25, marks=pytest.mark.long) for seed in range(1, 11))],
)
@pytest.mark.usefixtures("lossy")
async def test_AZ_3_events_and_withdrawals_in_any_order_leak_nothing(seed, episodes, hubs):
    """Each event says whether its reader could see the ward when it was committed: 40 readers an episode."""
    hubs(RENEW="tests.hubs.feeds.test_interleavings.renew", FEED_POLL_INTERVAL=0.5)
    dice = random.Random(seed)
    users = await run(hire)
    async with AsyncExitStack() as stack:
        readers = [await stack.enter_async_context(Reader(user)) for user in users]
        for episode in range(episodes):
            # The rights that the last one ended with are known, so that there is something to lose.
            await existing_worker().pump.authority.catch_up()
            sequences = [steps(user.pk, episode, dice) for user in users]
            reading = [
                read(reader, ward_of(user.pk, episode), random.Random(dice.random()))
                for reader, user in zip(readers, users, strict=True)
            ]
            await asyncio.gather(*reading, write(shuffled(sequences, dice), dice))
        await everything_has_come(readers)
    frames = [text for reader in readers for text in reader.heard]
    assert [text for text in frames if "secret" in text] == []
    heard = "".join(frames)
    assert heard.count("visible") > READERS * episodes / 4
    assert heard.count("forbidden") > READERS * episodes / 20


def hire():
    users = [get_user_model().objects.create(username=f"reader-{number}") for number in range(READERS)]
    for user in users:
        user.first_name = ward_of(user.pk, 0)
        user.save()
    return users


async def everything_has_come(readers: list[Reader]) -> None:
    """An event that all may see comes behind all that they might have got before."""
    for reader in readers:
        await reader.invoke("Follow", EVERYBODYS)
    await run(record, EVERYBODYS, "the end")
    for reader in readers:
        while not any("the end" in text for text in reader.heard[-3:]):
            await reader._read()
        while not reader.output_queue.empty():
            await reader._read()
