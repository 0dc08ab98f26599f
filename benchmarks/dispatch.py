"""Microseconds of our own code to parse and dispatch one JSON call of 250 bytes, without server or socket."""

import argparse
import asyncio
import cProfile
import pstats
import time

from benchmarks.applications import BenchmarkHub
from hubs.auth import RequestState
from hubs.connection import Connection
from hubs.dispatch import Dispatcher
from hubs.protocol import json_protocol
from hubs.worker import Worker

BATCH = 20  # calls that arrive together, as they do from a busy client


class Nowhere:
    """A transport that takes everything."""

    name = "WebSockets"
    carries_binary = True
    pings = True
    ended_cleanly = True
    written = 0

    def is_abandoned(self, now: float) -> bool:
        return False

    async def read(self) -> bytes | None:
        return None

    async def write(self, data: bytes, *, binary: bool) -> None:
        self.written += data.count(b"\x1e")

    async def close(self) -> None:
        pass

    def abort(self) -> None:
        pass

    def pause(self) -> None:
        pass

    def resume(self) -> None:
        pass


async def _nothing(message: object) -> None:
    pass


async def measure(count: int) -> float:
    hub = BenchmarkHub()
    hub.scope = {"type": "websocket", "path": "/hub", "headers": [], "client": None}
    transport = Nowhere()
    request = RequestState("id", _nothing, _nothing, [])
    worker = Worker()
    connection = Connection(
        connection_id="id",
        hub=hub,
        request=request,
        scope=hub.scope,
        transport=transport,
        worker=worker,
    )
    hub.attach(connection)
    connection.open(json_protocol)
    dispatcher = Dispatcher(hub)
    call = b'{"type":1,"invocationId":"1","target":"Echo","arguments":[1,"' + b"x" * 186 + b'"]}\x1e'
    assert 245 <= len(call) <= 255
    started = time.process_time()
    for _ in range(count // BATCH):
        for _ in range(BATCH):
            await dispatcher.receive(call)
        expected = transport.written + BATCH
        while transport.written < expected:  # noqa: ASYNC110 - each turn of the loop is what is measured
            await asyncio.sleep(0)
    used = time.process_time() - started
    return used / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40_000)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    if options.profile:
        profile = cProfile.Profile()
        profile.runcall(asyncio.run, measure(options.count))
        pstats.Stats(profile).sort_stats("tottime").print_stats(30)
        return
    best = min(asyncio.run(measure(options.count)) for _ in range(2 if options.quick else 5))
    print(f"{best * 1e6:.1f} microseconds a call, the best run of {options.count}")


if __name__ == "__main__":
    main()
