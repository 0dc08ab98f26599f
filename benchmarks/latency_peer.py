"""The same wait at a consumer as Channels' tutorial writes it: from publication to arrival, no database."""

import asyncio
import os
import time
from typing import Any

import msgspec

from benchmarks import process
from benchmarks.database import migrated
from benchmarks.figures import percentile
from benchmarks.payload import observation
from benchmarks.websocket import WebSocket

APPLICATION = "benchmarks.peers.consumer:application"
WARDS = 20
SETTLE = 1.0  # seconds that the last ones have to arrive


class _Payload(msgspec.Struct):
    mark: str


class _Message(msgspec.Struct):
    payload: _Payload


_decode = msgspec.json.Decoder(_Message).decode


def measure(server: str, *, sockets: int, rates: list[float], seconds: float) -> list[list[str]]:
    """Rows of a table: rate, deliveries, median, p95, longest, lost."""
    with process.valkey() as url, migrated() as environment:
        environment = {**environment, "REDIS_URL": url}
        with process.running(server, APPLICATION, environment) as worker:
            os.environ.update(environment)
            import django

            django.setup()
            return asyncio.run(_rows(worker.port, sockets, rates, seconds))


async def _rows(port: int, sockets: int, rates: list[float], seconds: float) -> list[list[str]]:
    waits: list[float] = []

    def arrived(text: bytes) -> None:
        waits.append((time.monotonic() - float(_decode(text).payload.mark)) * 1000)

    for number in range(sockets):
        await WebSocket(arrived, lambda: None).open(port, f"/pubsub?group=w{number % WARDS}")
    rows = []
    for rate in rates:
        waits.clear()
        count = await _publish(rate, seconds)
        await asyncio.sleep(SETTLE)
        ordered = sorted(waits)
        figures = [
            f"{wait:.0f} ms" for wait in (percentile(ordered, 50), percentile(ordered, 95), ordered[-1])
        ]
        lost = count * sockets // WARDS - len(ordered)
        rows.append([f"{rate:g}", f"{len(ordered):,}", *figures, str(lost)])
    return rows


async def _publish(rate: float, seconds: float) -> int:
    from channels.layers import channel_layers

    layer: Any = channel_layers["pubsub"]
    started, count = time.monotonic(), round(rate * seconds)
    for number in range(count):
        await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
        payload = {**observation(number), "mark": str(time.monotonic())}
        await layer.group_send(f"w{number % WARDS}", {"type": "observation.recorded", "payload": payload})
    return count
