"""A socket that is cut at any byte loses nothing, repeats nothing and changes no order."""

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients.process import node_process
from tests.faults.client import (
    CLOSE,
    COMPLETION,
    INVOCATION,
    RECORD_SEPARATOR,
    STREAM_ITEM,
    connected,
    encoded,
    invocation,
    opened,
    stream,
)
from tests.faults.proxy import Cut, CuttingProxy, cutting_proxy
from tests.faults.raw_socket import RawSocket
from tests.faults.server import ConformanceServer, conformance_server

HERE = Path(__file__).parent
PATIENCE = 100  # seconds
# Bytes behind the upgrade that the first socket needs to get through its handshake.
HANDSHAKE = 64
LONGEST = 40_000  # bytes that a socket lives at most
MORE_THAN_KERNELS_HOLD = 8_000_000  # bytes
STATEFUL_HANDSHAKE = '{"protocol":"json","version":2}' + RECORD_SEPARATOR
ACK, SEQUENCE = 8, 9
LONG_STREAM = 40_000  # items, more than may be held back for one client
RESUMES_WITHIN = 10  # seconds


@pytest.fixture(scope="module", params=["daphne", pytest.param("uvicorn", marks=pytest.mark.long)])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ConformanceServer]:
    log = tmp_path_factory.mktemp("cuts") / "server.log"
    with conformance_server(request.param, log) as running:
        yield running


class Cuts:
    """So many cuts at places that the seed decides; after them the proxy only forwards."""

    def __init__(self, number: int, seed: int) -> None:
        self._left = number
        self._random = random.Random(seed)
        self._shortest = HANDSHAKE

    def __call__(self) -> Cut | None:
        if self._left == 0:
            return None
        self._left -= 1
        # As many cuts in the first bytes, where a socket says what it holds, as in long quiet running.
        place = self._shortest + int(LONGEST ** self._random.random()) - 1
        self._shortest = 0
        resets = self._random.random() < 0.3
        if self._random.random() < 0.5:
            return Cut(to_server=place, resets=resets)
        return Cut(to_client=place, resets=resets)


async def counted(proxy: CuttingProxy, protocol: str, cuts: int) -> dict[str, Any]:
    """What the counters say in the end, when that many cuts are behind them."""
    arguments = [f"{proxy.address}/hubs/echo", protocol, str(PATIENCE)]
    async with node_process(HERE / "counters.mjs", *arguments) as counting:
        ended = asyncio.ensure_future(counting.line())
        while proxy.cuts < cuts and not ended.done():
            await asyncio.wait([ended], timeout=0.01)
        counting.tell("enough")
        counters: dict[str, Any] = json.loads(await ended)
        return counters


@pytest.mark.parametrize("protocol", ["json", "messagepack"])
@pytest.mark.parametrize(("cuts", "seed"), [(40, 1), pytest.param(200, 2, marks=pytest.mark.long)])
async def test_cuts_at_any_byte_lose_nothing_and_repeat_nothing(
    server: ConformanceServer, protocol: str, cuts: int, seed: int
) -> None:
    async with cutting_proxy(server.port, Cuts(cuts, seed)) as proxy:
        counters = await counted(proxy, protocol, cuts)
    assert {name: track["wrong"] for name, track in counters.pop("tracks").items() if track["wrong"]} == {}
    assert counters == {"reconnecting": 0, "closed": 0, "failures": [], "keptId": True}
    assert proxy.cuts == cuts
    assert len(proxy.requests) == cuts + 2  # the negotiation, the first socket and one for each cut


@pytest.mark.parametrize("leave", ["again", "never"])
async def test_after_a_close_of_ours_the_old_id_is_dead_and_there_is_no_storm(
    server: ConformanceServer, leave: str
) -> None:
    comes_back = leave == "again"
    async with cutting_proxy(server.port) as proxy:
        async with node_process(HERE / "closed.mjs", f"{proxy.address}/hubs/echo", leave) as client:
            seen = json.loads(await client.line())
        assert seen["error"]
        assert seen["came"] is comes_back
        assert seen["echo"] == ("again" if comes_back else None)
        assert not seen["sameId"]
        opened = [request for request in proxy.requests if request.startswith("GET ")]
        first = opened[0]
        # The stock client tries the old id once before it believes that it is over.
        assert opened.count(first) <= 2
        assert len(opened) - opened.count(first) == comes_back
        assert await upgrade_status(server.port, first) in {403, 404}


async def test_a_socket_that_is_cut_while_much_waits_for_its_client_does_not_stop_the_next(
    tmp_path: Path,
) -> None:
    hubs = {"STATEFUL_RECONNECT_BUFFER_SIZE": 4 * MORE_THAN_KERNELS_HOLD}
    with conformance_server("daphne", tmp_path / "server.log", hubs) as server:
        path = await stateful_path(server)
        async with connected(server.address) as reader:
            await reader.call("Join", "ward")
            with RawSocket(server.port, receive_buffer=4_096) as mute:
                mute.upgrade(path)
                mute.send(STATEFUL_HANDSHAKE.encode())
                for answered in ("Big", MORE_THAN_KERNELS_HOLD), ("Echo", "behind it"):
                    mute.send(encoded(invocation(*answered, invocationId=answered[0])).encode())
                    mute.send(encoded(invocation("ToGroup", "ward", "the answer is on its way")).encode())
                    async with asyncio.timeout(RESUMES_WITHIN):
                        await reader.until(INVOCATION)
        async with opened(server.address, path) as socket, asyncio.timeout(RESUMES_WITHIN):
            await socket.send(encoded({"type": SEQUENCE, "sequenceId": 1}))
            assert json.loads(str(await socket.recv()).split(RECORD_SEPARATOR)[0])["type"] == SEQUENCE


async def test_a_long_stream_waits_for_what_its_client_acknowledges(server: ConformanceServer) -> None:
    counted = 0
    async with opened(server.address, await stateful_path(server)) as socket, asyncio.timeout(PATIENCE):
        await socket.send(STATEFUL_HANDSHAKE)
        await socket.send(encoded(stream("CountThenThrow", LONG_STREAM, invocationId="1")))
        kinds: list[int] = []
        while COMPLETION not in kinds:
            messages = map(json.loads, str(await socket.recv()).split(RECORD_SEPARATOR)[:-1])
            kinds = [message.get("type") for message in messages]
            assert CLOSE not in kinds
            counted += sum(kind in {STREAM_ITEM, COMPLETION} for kind in kinds)
            await socket.send(encoded({"type": ACK, "sequenceId": counted}))
    assert counted == LONG_STREAM + 1


async def stateful_path(server: ConformanceServer) -> str:
    """Where a new connection is opened that may come back over another socket."""
    async with httpx.AsyncClient(base_url=server.address) as client:
        negotiate = "/hubs/echo/negotiate?negotiateVersion=1&useStatefulReconnect=true"
        answer = (await client.post(negotiate)).json()
    return f"/hubs/echo?id={answer['connectionToken']}"


async def upgrade_status(port: int, request: str) -> int:
    """The status that an upgrade with this request line is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = [f"{request} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade"]
    key = ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"]
    writer.write("\r\n".join([*head, *key, "", ""]).encode())
    status = (await reader.readline()).split(b" ")[1]
    writer.close()
    return int(status)
