"""Memory of the server for one idle connection: a hub's beside a bare ASGI loop's."""

import argparse
import asyncio

from benchmarks.database import migrated
from benchmarks.process import Server, running

UPGRADE = (
    b"GET /hub HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
HANDSHAKE = b'{"protocol":"json","version":1}\x1e'
FRAME = b"\x81" + bytes([0x80 | len(HANDSHAKE)]) + b"\0\0\0\0" + HANDSHAKE  # masked with zeros
AT_ONCE = 50

Socket = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _opened(port: int, places: asyncio.Semaphore) -> Socket:
    async with places:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(UPGRADE)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(FRAME)
        await reader.readuntil(b"\x1e")
        return reader, writer


async def kib_a_socket(server: Server, sockets: int) -> float:
    places = asyncio.Semaphore(AT_ONCE)
    first = [
        await _opened(server.port, places) for _ in range(AT_ONCE)
    ]  # what the first ones load counts once
    before = server.resident_kib()
    others = await asyncio.gather(*(_opened(server.port, places) for _ in range(sockets)))
    await asyncio.sleep(2)  # a housekeeping round or two belongs to being idle
    used = server.resident_kib() - before
    for _, writer in [*first, *others]:
        writer.close()
    return used / sockets


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=5000)
    options = parser.parse_args()
    print(f"KiB of the server for each of {options.sockets} idle sockets")
    print(f"{'server':10}{'floor':>8}{'hub':>8}")
    with migrated() as environment:
        for name in ("daphne", "uvicorn"):
            used = {}
            for application in ("floor", "hub"):
                with running(name, f"benchmarks.applications:{application}", environment) as server:
                    used[application] = asyncio.run(kib_a_socket(server, options.sockets))
            print(f"{name:10}{used['floor']:8.1f}{used['hub']:8.1f}", flush=True)


if __name__ == "__main__":
    main()
