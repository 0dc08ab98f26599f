import asyncio
import time

import pytest
from channels.layers import get_channel_layer

from hubs import publisher
from hubs.conf import redis_channel_layer
from hubs.feeds import wake
from tests.hubs.metrics import counted


@pytest.fixture
async def channel(redis_layer):
    layer = get_channel_layer()
    name = await layer.new_channel()
    await layer.group_add(wake.GROUP, name)
    return name


async def woken(channel: str, feeds: set[str]) -> int:
    """Receives until all the feeds have been named; the number of messages that took."""
    found: set[str] = set()
    layer = get_channel_layer()
    assert layer is not None
    for count in range(1, len(feeds) + 1):
        async with asyncio.timeout(5):
            message = await layer.receive(channel)
        assert message["type"] == wake.MESSAGE_TYPE
        found |= set(message["feeds"])
        if found >= feeds:
            return count
    raise AssertionError(found)


async def test_a_wake_up_carries_the_feeds_name_and_number_and_nothing_else(channel):
    wake.wake("ward:icu", 7)
    layer = get_channel_layer()
    async with asyncio.timeout(5):
        message = await layer.receive(channel)
    assert message == {"type": wake.MESSAGE_TYPE, "feeds": {"ward:icu": 7}}


async def test_feeds_that_gather_share_their_messages(channel):
    feeds = {f"ward:{number}" for number in range(200)}
    for feed in feeds:
        wake.wake(feed, 1)
    assert await woken(channel, feeds) < 100


def test_a_wake_up_returns_at_once_and_never_raises_though_redis_is_dead(settings):
    settings.CHANNEL_LAYERS = {"default": redis_channel_layer("redis://127.0.0.1:1/0", secret="tests")}
    started = time.monotonic()
    for number in range(1000):
        wake.wake(f"ward:{number}", 1)
    assert time.monotonic() - started < 0.5
    publisher.current().flush()


def test_the_feeds_of_which_nobody_heard_are_counted(settings):
    settings.CHANNEL_LAYERS = {"default": redis_channel_layer("redis://127.0.0.1:1/0", secret="tests")}
    publisher.current().flush()  # what earlier tests have left waiting
    before = counted("hubs_lost_total", what="wake-up")
    wake.wake("ward:icu", 1)
    publisher.current().flush()
    assert counted("hubs_lost_total", what="wake-up") == before + 1


def test_a_project_without_a_layer_wakes_nobody_and_does_not_fail(settings):
    settings.CHANNEL_LAYERS = {}
    wake.wake("ward:icu", 7)
    publisher.current().flush()
