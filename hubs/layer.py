"""What hubs hands to the channel layer: best effort, with a deadline; what is lost is said and counted."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from channels.layers import get_channel_layer

from hubs import metrics

Message = dict[str, Any]

logger = logging.getLogger("hubs")

SEND_DEADLINE = 1.0  # seconds


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
