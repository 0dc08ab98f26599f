"""CPU of the server for one call, there and back: a hub's action beside a bare ASGI JSON echo."""

import argparse
import asyncio
import json

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.database import migrated
from benchmarks.process import Server, running

PAYLOAD = "x" * 200


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
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--sockets", type=int, default=10)
    options = parser.parse_args()
    total = options.count * options.sockets
    print(f"{total} calls over {options.sockets} sockets, microseconds of server CPU a call")
    print(f"{'server':10}{'floor':>8}{'hub':>8}{'ratio':>8}")
    with migrated() as environment:
        for name in ("daphne", "uvicorn"):
            used = {}
            for application in ("floor", "hub"):
                with running(name, f"benchmarks.applications:{application}", environment) as server:
                    used[application] = asyncio.run(calls(server, options.count, options.sockets)) / total
            ratio = used["hub"] / used["floor"]
            print(f"{name:10}{used['floor'] * 1e6:8.0f}{used['hub'] * 1e6:8.0f}{ratio:8.2f}", flush=True)


if __name__ == "__main__":
    main()
