"""What hubs hands to the channel layer, and whether it still carries: what is lost is said and counted."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from channels.layers import get_channel_layer

from hubs import metrics

Message = dict[str, Any]

logger = logging.getLogger("hubs")

SEND_DEADLINE = 1.0  # seconds
ECHO = "hubs.echo"  # the message of a worker to itself
ECHO_INTERVAL = 5.0  # seconds
ECHO_DEADLINE = 2.0


def current() -> Any:
    layer = get_channel_layer()
    assert layer is not None, "hubs needs CHANNEL_LAYERS['default']"
    return layer


async def group_send(group: str, message: Message) -> None:
    await _hand_over(lambda layer: layer.group_send(group, message))


async def send_to(channel: str, message: Message) -> None:
    await _hand_over(lambda layer: layer.send(channel, message))


async def _hand_over(send: Callable[[Any], Awaitable[None]]) -> None:
    """A layer that fails or is frozen costs the message and a second, never the call."""
    layer = get_channel_layer()
    try:
        async with asyncio.timeout(SEND_DEADLINE):
            await send(layer)
    except Exception as error:  # noqa: BLE001 - a layer may fail in any way; loss is said, not raised
        logger.warning("message lost", extra={"reason": type(error).__name__})
        metrics.lost("message")


async def reconnect() -> None:
    """Lets the pub/sub layer connect anew: else it listens to a Redis that is frozen or replaced for ever.

    Not by flush(), which mutes whoever else uses the layer. The core layer waits for answers, and leaves a
    connection on which one is overdue.
    """
    for shard in getattr(current(), "_shards", ()):
        pubsub = shard._pubsub  # noqa: SLF001 - channels_redis has no public way to it
        if pubsub is not None and pubsub.connection is not None:
            await pubsub.connection.disconnect(nowait=True)


class Unheard(ConnectionError):
    """What this worker sent to its own group has not come back."""


class Echo:
    """Whether the layer carries what this worker sends to a group of its own.

    Layers do not say that Redis is gone, nor that it has come back without the groups.
    """

    def __init__(self, group: str) -> None:
        self.group = group
        self._is_up: bool | None = None
        self._arrived = asyncio.Event()

    async def run(self) -> None:
        """Asks until nothing comes back; somebody else hands what comes to `arrived`. Raises Unheard."""
        while True:
            # Once more before all is joined anew: this worker may have been too busy to hear.
            if not (await self._comes_back() or await self._comes_back()):
                await reconnect()
                raise Unheard
            self._heard()
            await asyncio.sleep(ECHO_INTERVAL)

    async def _comes_back(self) -> bool:
        self._arrived.clear()
        try:
            async with asyncio.timeout(ECHO_DEADLINE):
                await current().group_send(self.group, {"type": ECHO})
                await self._arrived.wait()
        except Exception:  # noqa: BLE001 - a layer may fail in any way
            raise_if_cancelled()
            return False
        raise_if_cancelled()
        return True

    def arrived(self) -> None:
        self._arrived.set()

    def lost(self, reason: str) -> None:
        """Says once that the layer is away, however often it is tried until it is back."""
        if self._is_up is not False:
            self._is_up = False
            logger.warning("channel layer lost", extra={"reason": reason})
            metrics.layer(up=False)

    def _heard(self) -> None:
        if not self._is_up:
            self._is_up = True
            logger.info("channel layer heard")
            metrics.layer(up=True)


def raise_if_cancelled() -> None:
    """For a task that must end all the same where redis-py has swallowed its cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
