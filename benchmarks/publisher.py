"""Publishes to the groups of a peer from a process of its own, as another worker does."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.payload import EVENT, observation

Send = Callable[[str, int], Awaitable[None]]  # a group, the number of the observation
Publish = Callable[[Sequence[str], int], Awaitable[None]]  # groups, and how many to each
READY = "ready"


class Publisher:
    """The driver's end: tells the process what to publish."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def publish(self, groups: Sequence[str], count: int) -> None:
        """Publishes `count` observations to each of the groups, in rounds, as fast as it can."""
        order = {"count": count, "groups": list(groups), "payload": observation(0), "event": EVENT}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()


@contextmanager
def publishing(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Publisher]:
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    if process.stdout.readline().strip() != READY:
        raise RuntimeError("The publisher has not started.")
    try:
        yield Publisher(process)
    finally:
        process.kill()
        process.wait()


async def _serve(publish: Publish) -> None:
    loop = asyncio.get_running_loop()
    print(READY, flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        await publish(order["groups"], order["count"])


def _in_rounds(send: Send) -> Publish:
    async def publish(groups: Sequence[str], count: int) -> None:
        for number in range(1, count + 1):
            for group in groups:
                await send(group, number)

    return publish


async def _floor(port: str) -> Publish:
    from websockets.asyncio.client import connect

    from benchmarks.peers.floor import PUBLISH

    socket = await connect(f"ws://127.0.0.1:{port}{PUBLISH}", compression=None)

    async def send(group: str, number: int) -> None:
        text = {"event": EVENT, "payload": observation(number)}
        await socket.send(f"{group} {json.dumps(text)}")

    return _in_rounds(send)


async def _hub(_: str) -> Publish:
    from benchmarks.peers.hub import FanoutHub
    from hubs.clients import hub_context

    context = hub_context(FanoutHub)

    async def send(group: str, number: int) -> None:
        await context.clients.group(group).send(EVENT, observation(number))

    return _in_rounds(send)


async def _feed(_: str) -> Publish:
    from django.db import transaction

    from benchmarks.peers.hub import ObservationRecorded
    from hubs.executor import run
    from hubs.feeds.append import append

    def write(feed: str, count: int) -> None:
        with transaction.atomic():
            for number in range(1, count + 1):
                append(feed, ObservationRecorded(*observation(number).values()))

    async def publish(feeds: Sequence[str], count: int) -> None:
        """What comes at once is one transaction a feed."""
        for feed in feeds:
            await run(write, feed, count)

    return publish


async def _layer(alias: str) -> Publish:
    import django
    from channels.layers import channel_layers

    django.setup()
    layer: Any = channel_layers[alias]

    async def send(group: str, number: int) -> None:
        await layer.group_send(group, {"type": "observation.recorded", "payload": observation(number)})

    return _in_rounds(send)


async def _socketio(_: str) -> Publish:
    import socketio  # type: ignore[import-untyped]  # ships no types

    manager = socketio.AsyncRedisManager(os.environ["REDIS_URL"], write_only=True)

    async def send(group: str, number: int) -> None:
        await manager.emit(EVENT, observation(number), room=group, namespace="/")

    return _in_rounds(send)


KINDS = {"floor": _floor, "hub": _hub, "feed": _feed, "layer": _layer, "socketio": _socketio}


async def main(kind: str, argument: str) -> None:
    await _serve(await KINDS[kind](argument))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
