"""A worker that goes down: tells its clients to come back, spread over a time, and only then lets go."""

import asyncio
import logging
import signal
import threading
from types import FrameType
from typing import TYPE_CHECKING

from hubs import listeners
from hubs.conf import hubs_settings
from hubs.errors import CloseReason
from hubs.transports.long_polling import LongPollingTransport

if TYPE_CHECKING:
    from hubs.connection import Connection
    from hubs.worker import Worker

logger = logging.getLogger("hubs")

DRAIN = "hubs.drain"  # the message through the channel layer that asks a worker to drain
STEPS = 20  # portions in which the clients are told
GOODBYE_TIMEOUT = 5.0  # seconds that the last of them get to leave
UNASKED_FOR = 1.0  # seconds without a poll

_worker: "Worker | None" = None
_server: object = None  # uvicorn's, whose own handler of SIGTERM is a method of it
_is_installed = False


def on_sigterm(worker: "Worker") -> None:
    """Puts the drain before what the server does at SIGTERM.

    Daphne cuts its sockets there without a word, and uvicorn closes them all in the same moment.
    """
    global _worker, _server, _is_installed
    _worker = worker
    if _is_installed or threading.current_thread() is not threading.main_thread():
        return
    _is_installed = True
    loop = asyncio.get_running_loop()
    servers_own = signal.getsignal(signal.SIGTERM)
    _server = getattr(servers_own, "__self__", None)

    def handle(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, servers_own)
        if loop.is_closed():
            signal.raise_signal(signal.SIGTERM)
        else:
            loop.call_soon_threadsafe(_worker.own, _drain_and_stop(_worker))

    signal.signal(signal.SIGTERM, handle)


async def _drain_and_stop(worker: "Worker") -> None:
    try:
        await drain(worker)
    finally:
        signal.raise_signal(signal.SIGTERM)


async def drain(worker: "Worker") -> None:
    """Lets nobody in, finishes the requests, and closes the connections in DRAIN_SECONDS, to come back.

    It takes that long also where nobody is connected: a proxy may hold connections in reserve, and has to
    have given them up before they end.
    """
    worker.is_draining = True
    logger.info("draining", extra={"connections": len(worker.registry)})
    await listeners.close(_server)
    connections = list(worker.registry)
    for step in range(STEPS):
        for connection in connections[step::STEPS]:
            connection.close(CloseReason.GOING_DOWN)
        await asyncio.sleep(hubs_settings.DRAIN_SECONDS / STEPS)
    try:
        async with asyncio.timeout(GOODBYE_TIMEOUT):
            while worker.requests or any(map(_may_say_goodbye, worker.registry)):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.05)
    except TimeoutError:
        logger.warning("drained without all goodbyes", extra={"connections": len(worker.registry)})
    await worker.endings.settled()


def _may_say_goodbye(connection: "Connection") -> bool:
    """A long-polling client that has not asked again within a second has gone without a word."""
    transport = connection.transport
    return not isinstance(transport, LongPollingTransport) or transport.seconds_unasked() < UNASKED_FOR
