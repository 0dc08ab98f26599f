"""Clients that others wrote, each over all that it can do, see one and the same hub."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest

from hubs.errors import HubError, action_failed, unauthorized
from hubs.protocol.negotiation import LONG_POLLING, SERVER_SENT_EVENTS, WEB_SOCKETS
from tests.clients.process import client_process
from tests.conformance.tokens import AUDIENCE, ISSUER, KEY
from tests.faults.proxy import cutting_proxy
from tests.faults.server import ConformanceServer, conformance_server

HERE = Path(__file__).parent
STORY_TIMEOUT = 30  # seconds


@dataclass(frozen=True)
class Client:
    """One client library over one transport in one protocol."""

    name: str
    transport: str
    protocol: str = "json"

    @property
    def command(self) -> list[str]:
        program = HERE / f"{self.name}_story.py"
        if program.exists():
            return [sys.executable, str(program)]
        return ["node", str(HERE / "story.mjs"), self.name]

    @property
    def transport_in_use(self) -> str:
        if self.transport == "fallback":  # Server-Sent Events carry no binary protocol
            return LONG_POLLING if self.protocol == "messagepack" else SERVER_SENT_EVENTS
        return {"events": SERVER_SENT_EVENTS, "polling": LONG_POLLING}.get(self.transport, WEB_SOCKETS)

    def __str__(self) -> str:
        return f"{self.name}, {self.transport}, {self.protocol}"


NEWEST = "microsoft"
OLDEST = "aspnet"

CLIENTS = [
    Client(NEWEST, "websockets"),
    Client(NEWEST, "websockets", "messagepack"),
    Client(NEWEST, "events"),
    Client(NEWEST, "polling"),
    Client(NEWEST, "polling", "messagepack"),
    Client(NEWEST, "without negotiation"),
    Client(NEWEST, "without negotiation", "messagepack"),
    Client(NEWEST, "stateful"),
    Client(NEWEST, "stateful", "messagepack"),
    Client(NEWEST, "fallback"),
    Client(NEWEST, "fallback", "messagepack"),
    Client(OLDEST, "websockets"),
    Client(OLDEST, "events"),
    Client(OLDEST, "polling"),
    Client("pysignalr", "websockets"),
    Client("pysignalr", "websockets", "messagepack"),
    Client("signalrcore", "websockets"),
    Client("signalrcore", "websockets", "messagepack"),
    Client("signalrcore", "events"),
    Client("signalrcore", "polling"),
]


@pytest.fixture(scope="module", params=["daphne", pytest.param("uvicorn", marks=pytest.mark.long)])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ConformanceServer]:
    log = tmp_path_factory.mktemp("clients") / "server.log"
    with conformance_server(request.param, log) as running:
        yield running


def token() -> str:
    claims = {"sub": "user1", "role": "Doctor", "iss": ISSUER, "aud": AUDIENCE, "exp": time.time() + 600}
    return jwt.encode(claims, KEY, algorithm="HS256")


async def told(client: Client, server: ConformanceServer) -> dict[str, Any]:
    """What the client saw, behind a proxy that cuts its connections when it asks for that."""
    async with asyncio.timeout(STORY_TIMEOUT), cutting_proxy(server.port) as proxy:
        arguments = [f"{proxy.address}/hubs/echo", client.transport, client.protocol, token()]
        async with client_process(*client.command, *arguments, directory=HERE) as process:
            while (line := await process.line()) == "cut":
                proxy.cut_all()
                process.tell("cut")
    seen: dict[str, Any] = json.loads(line)
    return seen


@pytest.mark.parametrize("client", CLIENTS, ids=str)
async def test_client_sees_the_hub_as_its_authors_meant(client: Client, server: ConformanceServer) -> None:
    assert await told(client, server) == expected(client)


def expected(client: Client) -> dict[str, Any]:
    seen = {
        "transport": client.transport_in_use,
        "member": "members only",
        "echo": "Grüße, 世界 😀",
        "nothing": None,
        "error": action_failed("ThrowHub", HubError("no such bed"), detailed=False),
        "hidden": action_failed("Throw", RuntimeError("secret"), detailed=False),
        "pushed": "pushed",
        "sameId": client.transport == "stateful",
        "again": "again",
    }
    match client:
        case Client("signalrcore", "polling"):
            return seen | {"member": unauthorized("Members"), "sameId": True}
        case Client("signalrcore"):
            return seen | {"lastCounted": [2]}
        case Client("pysignalr"):
            return seen | {"counted": [0, 1, 2], "answer": "what? 42"}
        case Client("aspnet"):
            return seen | {"counted": [0, 1, 2], "cancelled": True}
    return seen | {
        "counted": [0, 1, 2],
        "cancelled": True,
        "answer": "what? 42",
        "sum": 6,
        "doubled": [8, 10],
    }
