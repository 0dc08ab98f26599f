"""Mutated conversations over real sockets hurt nobody, and leave no traceback of ours."""

import asyncio
import random
from collections.abc import Iterator
from urllib.parse import quote_from_bytes

import httpx
import pytest
from websockets.exceptions import WebSocketException

from tests.faults.client import opened, serves_well
from tests.faults.server import ConformanceServer, conformance_server
from tests.faults.tracebacks import unexpected_tracebacks
from tests.fuzz import corpus
from tests.fuzz.mutation import mutated

SEED = 7
AT_ONCE = 8
TIMEOUT = 20  # seconds for one conversation
QUERIES = (
    b"negotiateVersion=1",
    b"negotiateVersion=0&useStatefulReconnect=true",
    b"id=abc",
    b"onConnected=greet",
)


@pytest.fixture(scope="module", params=["daphne", pytest.param("uvicorn", marks=pytest.mark.long)])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ConformanceServer]:
    log = tmp_path_factory.mktemp("fuzz") / "server.log"
    with conformance_server(request.param, log) as running:
        yield running


@pytest.mark.parametrize("count", [80, pytest.param(300, marks=pytest.mark.long)])
async def test_mutated_conversations_hurt_nobody(server: ConformanceServer, count: int) -> None:
    conversations = iter([random.Random(SEED + number) for number in range(count)])

    async def converse() -> None:
        for chance in conversations:
            talk = chance.choice([over_websocket, over_websocket, over_polling])
            async with asyncio.timeout(TIMEOUT):
                await talk(server.address, chance)

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(converse())
    assert await serves_well(server.address)
    assert server.is_alive
    assert unexpected_tracebacks(server.log_text) == []


def payloads(chance: random.Random) -> list[bytes]:
    """What one client of a recording sent, some of it broken."""
    protocol, sent = chance.choice(corpus.conversations())
    shake = b'{"protocol":"%s","version":%d}\x1e' % (protocol.encode(), chance.randint(0, 3))
    if chance.random() < 0.2:
        shake = mutated(chance, corpus.handshakes())
    broken = (mutated(chance, sent) if chance.random() < 0.5 else each for each in sent)
    return [shake, *broken]


async def over_websocket(address: str, chance: random.Random) -> None:
    query = mutated(chance, QUERIES) if chance.random() < 0.2 else b""
    try:
        async with opened(address, f"/hubs/echo?{quote_from_bytes(query, safe='=&')}") as socket:
            for payload in payloads(chance):
                await socket.send(payload, text=is_text(payload) and chance.random() < 0.7)
            if chance.random() < 0.3:
                socket.transport.abort()
    except (WebSocketException, OSError):
        pass  # the server has had enough


def is_text(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


async def over_polling(address: str, chance: random.Random) -> None:
    async with httpx.AsyncClient(base_url=address, timeout=TIMEOUT) as client:
        query = quote_from_bytes(mutated(chance, QUERIES), safe="=&%")
        assert (await client.post(f"/hubs/echo/negotiate?{query}")).status_code < 500
        negotiated = (await client.post("/hubs/echo/negotiate?negotiateVersion=1")).json()
        url = f"/hubs/echo?id={negotiated['connectionToken']}"
        assert (await client.get(url)).status_code == 200
        poll = asyncio.create_task(client.get(url))
        for payload in payloads(chance):
            assert (await client.post(url, content=payload)).status_code in {200, 404}
        assert (await client.delete(url)).status_code in {202, 404}
        assert (await poll).status_code in {200, 204, 404}
