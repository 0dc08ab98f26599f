"""CPU of the server for one call, there and back: a hub's action beside a bare ASGI JSON echo."""

import argparse
import asyncio
import json
import statistics
from collections import defaultdict
from contextlib import ExitStack

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.database import migrated
from benchmarks.process import Server, running, use_load_cores
from benchmarks.tables import print_table, ratio

PAYLOAD = "x" * 200
SOCKETS = 10


async def calls(server: Server, count: int, sockets: int) -> float:
    """CPU seconds of the server for `count` calls on each of the sockets, one call at a time a socket."""
    async with asyncio.TaskGroup() as group:
        opened = [group.create_task(_opened(server.port)) for _ in range(sockets)]
    clients = [task.result() for task in opened]
    await asyncio.gather(*(_call(client, 50) for client in clients))  # warm up
    before = server.cpu_seconds()
    await asyncio.gather(*(_call(client, count) for client in clients))
    used = server.cpu_seconds() - before
    await asyncio.gather(*(client.close() for client in clients))
    return used


async def _opened(port: int) -> ClientConnection:
    client = await connect(f"ws://127.0.0.1:{port}/hub", compression=None)
    await client.send('{"protocol":"json","version":1}\x1e')
    await client.recv()
    return client


async def _call(client: ClientConnection, count: int) -> None:
    for number in range(count):
        message = {
            "type": 1,
            "invocationId": str(number),
            "target": "Echo",
            "arguments": [number, PAYLOAD],
        }
        await client.send(json.dumps(message) + "\x1e")
        while '"type":3' not in (await client.recv(decode=True)).replace(" ", ""):
            pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    count, repetitions = (200, 2) if options.quick else (500, 5)
    use_load_cores()
    figures: dict[tuple[str, str], list[float]] = defaultdict(list)
    with migrated() as environment, ExitStack() as stack:
        servers = {
            (kind, application): stack.enter_context(
                running(kind, f"benchmarks.applications:{application}", environment)
            )
            for kind in ("daphne", "uvicorn")
            for application in ("floor", "hub")
        }
        for _ in range(repetitions):
            for which, server in servers.items():
                used = asyncio.run(calls(server, count, SOCKETS))
                figures[which].append(used / (count * SOCKETS) * 1e6)
    print(f"Microseconds of server CPU a call, {SOCKETS} sockets, one call at a time on each")
    print()
    rows = []
    for kind in ("daphne", "uvicorn"):
        floor, hub = (statistics.median(figures[kind, each]) for each in ("floor", "hub"))
        rows.append([kind, f"{floor:.0f}", f"{hub:.0f}", ratio(hub, floor)])
    print_table(["server", "floor", "hub", "hub to floor"], rows)


if __name__ == "__main__":
    main()
