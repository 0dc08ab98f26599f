"""The running parts of one worker process: registry, pump, backplane, and the tasks that drive them."""

import asyncio
import contextlib
import functools
import logging
import time
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from hubs import directory, refused, rights, shutdown
from hubs.backplane import Backplane
from hubs.conf import hubs_settings
from hubs.connection import Connection
from hubs.directory import Entry
from hubs.errors import CloseReason
from hubs.executor import run
from hubs.feeds.pump import Pump
from hubs.follows import Follows
from hubs.lifecycle import CLOSE_TIMEOUT
from hubs.marks import Marks
from hubs.outbox import Flusher
from hubs.rate_limits import RateLimits
from hubs.registry import Registry
from hubs.scopes import address_of, origin_of, session_of
from hubs.states import State
from hubs.tasks import end

logger = logging.getLogger("hubs")

TICK = 1.0
HEARTBEAT = 5.0
REACHABLE_WITHIN = 1.0  # seconds that a new worker has to get its channel; after that the layer is away


class Worker:
    """What one event loop serves. Its tasks start with its first connection: Daphne has no lifespan."""

    def __init__(self) -> None:
        self.flusher = Flusher()
        self.backplane = Backplane(self)
        self.registry = Registry(self.backplane)
        self.pump = Pump(self.registry, functools.partial(rights.renew_users, self))
        self.rate_limits = RateLimits()
        # Set when the worker goes down: whoever still comes in is sent on at once.
        self.is_draining = False
        # HTTP requests under way, those of Django's views too.
        self.requests = 0
        # Connections whose row is being written.
        self.arriving: set[asyncio.Future[Any]] = set()
        self._pause = TICK
        self._hurried = asyncio.Event()
        self._reachable_by = time.monotonic() + REACHABLE_WITHIN
        self.endings = Marks(directory.end, "rows not ended yet")
        self._follows = Follows()
        self._owned: set[asyncio.Task[None]] = set()
        shutdown.on_sigterm(self)
        for_ever = (self.pump.run, self.backplane.run, self._tick, self._heartbeat)
        self._tasks = [self._supervised(each) for each in for_ever]

    @property
    def is_full(self) -> bool:
        most = hubs_settings.MAXIMUM_CONNECTIONS_PER_WORKER
        return most is not None and self.registry.carried + len(self.arriving) >= most

    async def reachable(self) -> None:
        """Waits until other workers can hand requests to this one, which matters while it is new only."""
        left = self._reachable_by - time.monotonic()
        if left > 0 and not self.backplane.listening.is_set():
            # Not wait_for, which in Python 3.11 can swallow the cancellation that ends this worker.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self.backplane.listening.wait()

    def take(self, connection: Connection) -> None:
        self.registry.add(connection)
        if self._pause > connection.options.KEEP_ALIVE_INTERVAL:
            self._hurried.set()

    def forget(self, connection: Connection) -> None:
        self.pump.forget(connection)
        self.registry.remove(connection)

    def own(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs the work beside the requests and keeps hold of it."""
        task = asyncio.get_running_loop().create_task(work)
        self._owned.add(task)
        task.add_done_callback(self._disown)

    def _disown(self, task: asyncio.Task[None]) -> None:
        self._owned.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a connection broke", exc_info=error)

    async def _heartbeat(self) -> None:
        """Keeps the rows of this worker alive, and clears away those of workers that are gone."""
        await self.reachable()
        while True:
            name, channel = self.backplane.name, self.backplane.channel or ""
            try:
                await run(directory.heartbeat, name, channel, [_entry(each) for each in self.registry])
                await self._follows.write(self.registry)
            except Exception as error:  # noqa: BLE001 - a database may fail in any way, and comes back
                logger.warning("heartbeat not written", extra={"reason": type(error).__name__})
            else:
                self.endings.retry()
            await refused.write(name)
            await self.backplane.wait_for_change_of_channel(HEARTBEAT)

    async def stop(self) -> None:
        """Ends the tasks, for tests and for a server that goes down."""
        await end([*self._tasks, *self._owned])
        await self.endings.settled()
        await run(directory.sign_off, self.backplane.name)
        _workers.pop(asyncio.get_running_loop(), None)

    def _supervised(self, run: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        async def supervise() -> None:
            while True:
                try:
                    await run()
                except Exception:
                    logger.exception("a task of the worker failed and is started again")
                    await asyncio.sleep(TICK)

        return asyncio.get_running_loop().create_task(supervise())

    async def _tick(self) -> None:
        """Looks at every connection once a second: pings, silent clients, ended tokens, hanging closes.

        More often while a hub is connected that wants pings more often.
        """
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause):
                    await self._hurried.wait()
            self._hurried.clear()
            now, self._pause = time.monotonic(), TICK
            for connection in self.registry:
                try:
                    _look_at(connection, now)
                except Exception:
                    # The ends of tokens come behind it in the list, and must not wait for this one.
                    logger.exception(
                        "a connection could not be looked at", extra={"hub": connection.hub_name}
                    )
                self._pause = min(self._pause, connection.options.KEEP_ALIVE_INTERVAL)
            if self.pump.is_blind:
                rights.stop(self)


def _entry(connection: Connection) -> Entry:
    return Entry(
        id=connection.id,
        hub=connection.hub_name,
        user=connection.user_id,
        transport=connection.transport.name,
        address=address_of(connection.scope)["address"] or "",
        origin=origin_of(connection.headers) or "",
        session=session_of(connection.principal),
    )


def _look_at(connection: Connection, now: float) -> None:
    if connection.state is State.CLOSING:
        if now - connection.closing_since > CLOSE_TIMEOUT:
            connection.abandon(CloseReason.CLIENT_LOST)
    elif connection.expires_at is not None and now >= connection.expires_at:
        connection.close(CloseReason.EXPIRED)
    elif connection.transport.is_abandoned(now):
        connection.abandon(CloseReason.CLIENT_LOST)
    elif connection.transport.pings:
        _keep_alive(connection, now)


def _keep_alive(connection: Connection, now: float) -> None:
    connection.acknowledge()
    if _is_silent(connection, now):
        connection.close(CloseReason.CLIENT_TIMEOUT)
    elif now - connection.pinged_at >= connection.options.KEEP_ALIVE_INTERVAL:
        connection.ping(now)


def _is_silent(connection: Connection, now: float) -> bool:
    return (
        connection.client_pings
        and connection.is_reading
        and now - connection.received_at > connection.options.CLIENT_TIMEOUT
    )


_workers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Worker] = weakref.WeakKeyDictionary()


def existing_worker() -> Worker | None:
    """The worker of the running loop, None outside of one."""
    try:
        return _workers.get(asyncio.get_running_loop())
    except RuntimeError:
        return None


def current_worker() -> Worker:
    """The worker of the running loop; starts it if there is none yet."""
    loop = asyncio.get_running_loop()
    worker = _workers.get(loop)
    if worker is None:
        worker = _workers[loop] = Worker()
    return worker
