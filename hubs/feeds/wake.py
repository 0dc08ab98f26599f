"""Tells the workers that feeds have grown; best effort, because they look at the heads as well."""

import threading

from channels.layers import get_channel_layer

from hubs import publisher

GROUP = "hubs.wake"  # every worker's channel is in this group of the layer
MESSAGE_TYPE = "hubs.wake"
MAXIMUM_WAITING = 10_000

_feeds: set[str] = set()
_lock = threading.Lock()


def wake(feed: str) -> None:
    """Hands the feed's name to this process's publisher. Returns at once and never raises."""
    with _lock:
        if len(_feeds) < MAXIMUM_WAITING:
            _feeds.add(feed)
    publisher.submit(_publish, key=GROUP)


async def _publish() -> None:
    """One message for all feeds that have gathered."""
    with _lock:
        feeds = sorted(_feeds)
        _feeds.clear()
    layer = get_channel_layer()
    if layer is not None:
        await layer.group_send(GROUP, {"type": MESSAGE_TYPE, "feeds": feeds})
