"""Tells the workers that feeds have grown; best effort, and never in the way of whoever writes."""

import asyncio
import atexit
import logging
import os
import threading

from channels.layers import get_channel_layer

logger = logging.getLogger("hubs")

GROUP = "hubs.wake"  # every worker's channel is in this group of the layer
MESSAGE_TYPE = "hubs.wake"
MAXIMUM_WAITING = 10_000  # feeds; what does not fit is found by the workers' own look at the heads
DEADLINE = 1.0


class Waker:
    """One daemon thread a process, with a loop of its own: the same in a worker, a command and a shell."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._feeds: set[str] = set()
        self._changed = threading.Condition()
        self._busy = False
        self._thread = threading.Thread(target=self._work, name="hubs-wake", daemon=True)
        self._thread.start()
        atexit.register(self.flush)

    def wake(self, feed: str) -> None:
        with self._changed:
            if len(self._feeds) < MAXIMUM_WAITING:
                self._feeds.add(feed)
            self._changed.notify_all()

    def flush(self) -> None:
        """Waits until everything is handed over, for the deadline at the most."""
        with self._changed:
            self._changed.wait_for(lambda: not self._feeds and not self._busy, timeout=DEADLINE)

    def belongs_to_this_process(self) -> bool:
        return self._pid == os.getpid()

    def _work(self) -> None:
        loop = asyncio.new_event_loop()
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: bool(self._feeds))
                feeds, self._feeds = self._feeds, set()
                self._busy = True
            loop.run_until_complete(_publish(feeds))


async def _publish(feeds: set[str]) -> None:
    try:
        async with asyncio.timeout(DEADLINE):
            layer = get_channel_layer()
            if layer is not None:
                await layer.group_send(GROUP, {"type": MESSAGE_TYPE, "feeds": sorted(feeds)})
    except Exception as error:  # noqa: BLE001 - a layer may fail in any way; the workers look at the heads anyway
        logger.warning("wake-up lost", extra={"feeds": len(feeds), "reason": type(error).__name__})


_waker: Waker | None = None
_making = threading.Lock()


def wake(feed: str) -> None:
    """Hands the feed's name to this process's thread. Returns at once and never raises."""
    global _waker
    with _making:
        if _waker is None or not _waker.belongs_to_this_process():
            _waker = Waker()
    _waker.wake(feed)
