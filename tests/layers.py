"""Channel layers for tests that try several: each loop has an instance of its own, as each process has."""

import asyncio
import threading
from collections import defaultdict
from typing import Any

from channels.layers import ChannelLayerManager

from hubs.conf import redis_channel_layer

MEMORY = {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 1000}}


def layer_of_kind(kind: str, url: str, **options: Any) -> dict[str, Any]:
    """The CHANNEL_LAYERS entry: "pubsub" and "core" are channels_redis', "memory" Channels' own."""
    return MEMORY if kind == "memory" else redis_channel_layer(url, layer=kind, **options)


class LayersByLoop(ChannelLayerManager):
    """Stands for channels.layers.channel_layers where two loops of a test are two workers."""

    @property
    def backends(self) -> dict[str, Any]:
        return self._by_loop[_loop()]

    @backends.setter
    def backends(self, _: dict[str, Any]) -> None:
        self._by_loop: defaultdict[object, dict[str, Any]] = defaultdict(dict)


def _loop() -> object:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return threading.get_ident()


async def close_sentinels(layer: Any) -> None:
    """What channels_redis leaves open when it closes a layer's connections at the end of a loop."""
    for shard in getattr(layer, "_shards", ()):
        await _close_sentinels(shard._redis)
    if hasattr(layer, "connection"):
        await _close_sentinels(layer.connection(0))


async def _close_sentinels(client: Any) -> None:
    manager = getattr(client and client.connection_pool, "sentinel_manager", None)
    if manager is not None:
        await manager.aclose()
