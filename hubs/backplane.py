"""This worker's one channel in the channel layer: wake-ups of feeds come in here."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from channels.layers import get_channel_layer

from hubs.feeds import wake

if TYPE_CHECKING:
    from hubs.worker import Worker

logger = logging.getLogger("hubs")

RETRY_AFTER = 1.0


class Backplane:
    """Listens on the worker's channel and hands on what arrives."""

    def __init__(self, worker: "Worker") -> None:
        self._worker = worker
        # Set while the channel is in the layer's groups.
        self.listening = asyncio.Event()

    async def run(self) -> None:
        """Listens for ever; a layer that fails is tried again every second."""
        while True:
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001 - a layer may fail in any way
                logger.warning("channel layer lost", extra={"reason": type(error).__name__})
            self.listening.clear()
            await asyncio.sleep(RETRY_AFTER)

    async def _listen(self) -> None:
        layer = get_channel_layer()
        assert layer is not None, "hubs needs CHANNEL_LAYERS['default']"
        channel = await layer.new_channel()
        await layer.group_add(wake.GROUP, channel)
        self.listening.set()
        while True:
            self._handle(await layer.receive(channel))

    def _handle(self, message: dict[str, Any]) -> None:
        if message.get("type") == wake.MESSAGE_TYPE:
            for feed in message["feeds"]:
                self._worker.pump.wake(feed)
