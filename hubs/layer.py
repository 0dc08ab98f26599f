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


class Echo:
    """Whether the layer carries what this worker sends itself: layers do not say that it is gone."""

    def __init__(self) -> None:
        self._is_up: bool | None = None
        self._arrived = asyncio.Event()

    async def run(self, channel: str) -> None:
        """Asks for ever, on the channel of which somebody else hands what comes to `arrived`."""
        while True:
            self._arrived.clear()
            try:
                async with asyncio.timeout(ECHO_DEADLINE):
                    await current().send(channel, {"type": ECHO})
                    await self._arrived.wait()
            except Exception as error:  # noqa: BLE001 - a layer may fail in any way
                self.lost(type(error).__name__)
            else:
                self._heard()
            raise_if_cancelled()
            await asyncio.sleep(ECHO_INTERVAL)

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
