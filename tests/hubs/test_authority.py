import asyncio
import time

import pytest
from django.db import transaction

from hubs import authority
from hubs.authority import FEED, Authority, Changes, rights_changed
from hubs.executor import run
from hubs.feeds import log
from hubs.feeds.heads import Heads
from hubs.feeds.log import Head
from hubs.models import Feed, FeedEvent

pytestmark = pytest.mark.django_db(transaction=True)


def change(*users):
    with transaction.atomic():
        rights_changed(*users)


class Renewals:
    """Notes whose connections are to be renewed; fails when told so."""

    def __init__(self) -> None:
        self.asked: list[frozenset[str] | None] = []
        self.error: Exception | None = None

    async def __call__(self, users):
        self.asked.append(users)
        if self.error is not None:
            raise self.error


@pytest.fixture
def renewals() -> Renewals:
    return Renewals()


@pytest.fixture
def follower(renewals) -> Authority:
    return Authority(Heads(), renewals)


def test_a_change_is_said_in_the_transaction_of_the_change_or_not_at_all():
    with pytest.raises(transaction.TransactionManagementError):
        rights_changed(7)
    with transaction.atomic():
        rights_changed(7)
        transaction.set_rollback(True)
    assert authority.read(None).head.head == 0


def test_users_are_named_once_and_as_text():
    before = authority.read(None).head
    change(7, "7", 12)
    assert authority.read(before).users == {"7", "12"}


def test_nothing_new_names_nobody():
    change(7)
    known = authority.read(None).head
    assert authority.read(known) == Changes(known, frozenset())


def test_more_changes_than_are_read_at_once_are_all_read(monkeypatch):
    known = authority.read(None).head
    monkeypatch.setattr(log, "READ_AT_ONCE", 2)
    change(*range(5))
    assert authority.read(known).users == {"0", "1", "2", "3", "4"}


@pytest.mark.parametrize("cut", [{"epoch": 2}, {"floor": 3}, {"head": 1}])
def test_where_the_log_cannot_tell_any_more_everybody_may_have_changed(cut):
    change(1, 2)
    known = authority.read(None).head
    change(3, 4)
    Feed.objects.filter(name=FEED).update(**cut)
    assert authority.read(known).users is None


def test_a_hole_in_the_log_concerns_everybody():
    known = authority.read(None).head
    change(1, 2, 3)
    FeedEvent.objects.filter(feed__name=FEED, seq=1).delete()
    assert authority.read(known).users is None


async def test_the_first_reading_renews_nobody_and_later_ones_those_who_are_named(follower, renewals):
    await run(change, 7)
    await follower.catch_up()
    assert renewals.asked == []
    await run(change, 8)
    await follower.catch_up()
    await follower.catch_up()
    assert renewals.asked == [{"8"}]


async def test_many_who_ask_at_once_share_one_reading(follower, renewals):
    await follower.catch_up()
    await run(change, 8)
    await asyncio.gather(*(follower.catch_up() for _ in range(50)))
    assert renewals.asked == [{"8"}]


async def test_a_renewal_that_fails_is_not_counted_as_done(follower, renewals):
    await follower.catch_up()
    await run(change, 8)
    renewals.error = OSError("away")
    with pytest.raises(OSError, match="away"):
        await follower.catch_up()
    renewals.error = None
    await follower.catch_up()
    assert renewals.asked == [{"8"}, {"8"}]


async def test_whose_user_was_read_before_the_feed_was_followed_may_have_missed_something(follower):
    read_at = time.monotonic()
    await follower.catch_up()
    assert follower.may_have_changed("7", read_at)
    assert not follower.may_have_changed("7", time.monotonic())


async def test_whose_user_was_read_before_a_change_was_worked_through_may_have_missed_it(follower):
    await follower.catch_up()
    read_at = time.monotonic()
    await run(change, 7)
    await follower.catch_up()
    assert follower.may_have_changed("7", read_at)
    assert not follower.may_have_changed("8", read_at)
    assert not follower.may_have_changed("7", time.monotonic())


async def test_changes_are_remembered_for_longer_than_a_handshake_and_not_for_ever(follower, clock):
    await follower.catch_up()
    await run(change, 7)
    await follower.catch_up()
    read_at = clock.monotonic()
    clock.advance(authority.REMEMBERED + 1)
    await follower.apply(Changes(follower.head, frozenset()), asked_at=clock.monotonic())
    assert follower._changed == {}
    assert follower.may_have_changed("8", read_at)


async def test_an_older_reading_never_sets_the_head_back(follower):
    await follower.catch_up()
    await run(change, 7, 8)
    await follower.catch_up()
    await follower.apply(Changes(Head(1, 0, 1), frozenset({"7"})), asked_at=time.monotonic())
    assert follower.head == Head(1, 0, 2)
