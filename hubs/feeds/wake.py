"""Tells the workers that feeds have grown; best effort, because they look at the heads as well."""

import threading

from channels.layers import get_channel_layer

from hubs import metrics, publisher

GROUP = "hubs.wake"  # every worker's channel is in this group of the layer
MESSAGE_TYPE = "hubs.wake"
MAXIMUM_WAITING = 10_000

# The feeds to name, each with the highest number that is known.
_feeds: dict[str, int] = {}
_lock = threading.Lock()


def wake(feed: str, seq: int) -> None:
    """Hands "the feed is at `seq`" to this process's publisher. Returns at once and never raises."""
    with _lock:
        if feed in _feeds or len(_feeds) < MAXIMUM_WAITING:
            _feeds[feed] = max(seq, _feeds.get(feed, 0))
        else:
            metrics.lost("wake-up")
    publisher.submit(_publish, key=GROUP)


async def _publish() -> None:
    """One message for all feeds that have gathered."""
    with _lock:
        feeds = dict(_feeds)
        _feeds.clear()
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        await layer.group_send(GROUP, {"type": MESSAGE_TYPE, "feeds": feeds})
    except BaseException:  # the publisher's deadline comes as a cancellation
        metrics.lost("wake-up", len(feeds))
        raise
