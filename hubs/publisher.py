"""This process's one thread that publishes for synchronous code: bounded, and never in its way."""

import asyncio
import atexit
import logging
import os
import threading
from collections.abc import Awaitable, Callable, Hashable

from hubs import metrics

logger = logging.getLogger("hubs")

Job = Callable[[], Awaitable[None]]

MAXIMUM_WAITING = 10_000  # jobs; what comes on top is dropped and said in the log
DEADLINE = 1.0  # seconds for all that has gathered, and at exit


class Publisher:
    """A daemon thread with a loop of its own: the same in a worker, a command and a shell."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._waiting: dict[Hashable, Job] = {}
        self._changed = threading.Condition()
        self._busy = False
        threading.Thread(target=self._work, name="hubs-publisher", daemon=True).start()
        atexit.register(self.flush)

    def submit(self, job: Job, key: Hashable) -> None:
        """Queues the job; one that waits under the same key is replaced by it."""
        with self._changed:
            if len(self._waiting) >= MAXIMUM_WAITING and key not in self._waiting:
                logger.error("message dropped", extra={"reason": "too many wait to be published"})
                metrics.lost("publication")
                return
            self._waiting[key] = job
            self._changed.notify_all()

    def flush(self) -> None:
        """Waits until everything is handed over, for the deadline at the most."""
        if not self.belongs_to_this_process():
            return  # the parent's, called at the child's exit: its lock may have been held at the fork
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._busy, timeout=DEADLINE)

    def belongs_to_this_process(self) -> bool:
        """False in the child of a fork, which has the object but not the thread."""
        return self._pid == os.getpid()

    def _work(self) -> None:
        loop = asyncio.new_event_loop()
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: bool(self._waiting))
                jobs, self._waiting = list(self._waiting.values()), {}
                self._busy = True
            try:
                loop.run_until_complete(_publish(jobs))
            except asyncio.CancelledError:  # of something inside of a layer; the thread must outlive it
                logger.warning("not published", extra={"messages": len(jobs), "reason": "CancelledError"})
                metrics.lost("publication", len(jobs))


async def _publish(jobs: list[Job]) -> None:
    done = 0
    try:
        async with asyncio.timeout(DEADLINE):
            for job in jobs:
                await job()
                done += 1
    except Exception as error:  # noqa: BLE001 - a channel layer may fail in any way
        lost = len(jobs) - done
        logger.warning("not published", extra={"messages": lost, "reason": type(error).__name__})
        metrics.lost("publication", lost)


_publisher: Publisher | None = None
_making = threading.Lock()


def submit(job: Job, key: Hashable = None) -> None:
    """Hands the job to this process's thread. Returns at once and never raises."""
    current().submit(job, object() if key is None else key)


def current() -> Publisher:
    global _publisher
    with _making:
        if _publisher is None or not _publisher.belongs_to_this_process():
            _publisher = Publisher()
        return _publisher
