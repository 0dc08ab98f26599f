"""What hubs hands to the channel layer, and whether it still carries: what is lost is said and counted."""

import asyncio
import contextlib
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
    """Lets a layer of channels_redis connect anew.

    Pub/sub would listen for ever to a Redis that is frozen or was replaced, and what the core layer still
    asks of it holds up all that it receives. Not by flush(), which mutes whoever else uses the layer.
    """
    for pool in _pools(current()):
        with contextlib.suppress(Exception):  # of a connection that is broken already
            await pool.disconnect()


def _pools(layer: Any) -> list[Any]:
    if hasattr(layer, "_shards"):
        clients = [shard._redis for shard in layer._shards]  # noqa: SLF001 - pub/sub has no public way to them
    else:
        clients = [layer.connection(index) for index in range(getattr(layer, "ring_size", 0))]
    return [client.connection_pool for client in clients if client is not None]


def forget(channel: str) -> None:
    """Lets go of a channel that nobody reads any more: pub/sub would fill its queue without a bound."""
    layer = current()
    if hasattr(layer, "_shards"):
        layer.channels.pop(channel, None)
        for members in layer.groups.values():
            members.discard(channel)


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
