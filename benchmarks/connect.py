"""CPU of the server for a connection, a hub's and by hand: negotiate, upgrade, token, user, row, join."""

import argparse
import asyncio
import json
import os
import statistics
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from benchmarks.crowd import Client, Counter, Dialogue, enter
from benchmarks.database import copied, migrated
from benchmarks.fanout import GROUPS, HUB, SIGNALR
from benchmarks.process import Server, running, use_load_cores, valkey
from benchmarks.tables import print_table, ratio

AT_ONCE = 20
USERS = 50
BY_HAND = [('{"join":"GROUP"}', b"joined")]


@dataclass
class Place:
    """A running server, how its clients come in, and what each repetition has cost."""

    name: str
    kind: str
    server: Server
    figures: list[float] = field(default_factory=list)

    async def measure(self, tokens: Sequence[str], count: int) -> float:
        """Milliseconds of CPU a connection, while none of them leaves again."""
        places, counter = asyncio.Semaphore(AT_ONCE), Counter()

        async def connect(number: int) -> Client:
            async with places:
                token, group = tokens[number % len(tokens)], GROUPS[number % len(GROUPS)]
                dialogue = self._dialogue(await self._negotiate(token), token)
                return await enter(self.server.port, counter, dialogue.for_group(group))

        before = self.server.cpu_seconds()
        clients = await asyncio.gather(*(connect(number) for number in range(count)))
        used = self.server.cpu_seconds() - before
        for client in clients:
            client.transport.abort()
        await asyncio.sleep(2)  # what leaving costs belongs to nobody's next repetition
        return used / count * 1e3

    async def _negotiate(self, token: str) -> dict[str, Any]:
        """By a TCP connection of its own, as every new client has one."""
        path = f"{HUB}/negotiate?negotiateVersion=1" if self.name == "hub" else "/negotiate"
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        writer.write(f"{head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        found: dict[str, Any] = json.loads(answer[answer.index(b"{") : answer.rindex(b"}") + 1])
        return found

    def _dialogue(self, negotiated: Mapping[str, Any], token: str) -> Dialogue:
        if self.name == "hub":
            names = {"id": negotiated["connectionToken"], "access_token": negotiated["accessToken"]}
            return Dialogue(f"{HUB}?{urlencode(names)}", SIGNALR.steps)
        return Dialogue(f"/signed-in?id={negotiated['connectionId']}&access_token={token}", BY_HAND)


def tokens_of_users(environment: Mapping[str, str]) -> list[str]:
    """Makes the users, and the row that by-hand connections refer to, in the database that is copied."""
    os.environ.update(environment)
    import django
    from django.db import connection
    from django.utils import timezone

    django.setup()
    from accounts import tokens
    from accounts.models import User
    from benchmarks.peers.consumer import WORKER
    from hubs.models import Worker

    now = timezone.now()
    Worker.objects.create(name=WORKER, started_at=now, heartbeat_at=now)
    users = [User.objects.create(username=f"user-{number}") for number in range(USERS)]
    connection.close()
    return [tokens.access_for(tokens.log_in(user)) for user in users]


async def compare(places: Sequence[Place], tokens: Sequence[str], count: int, repetitions: int) -> None:
    for place in places:
        await place.measure(tokens, count)
    for _ in range(repetitions):
        for place in places:
            place.figures.append(await place.measure(tokens, count))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    use_load_cores()
    with migrated() as environment, ExitStack() as stack:
        tokens = tokens_of_users(environment)
        places = []
        for kind in ("daphne", "uvicorn"):
            for name in ("consumer", "hub"):
                own = stack.enter_context(copied(environment))
                own["REDIS_URL"] = stack.enter_context(valkey())
                application = f"benchmarks.peers.{name}:application"
                places.append(Place(name, kind, stack.enter_context(running(kind, application, own))))
        asyncio.run(compare(places, tokens, *((100, 2) if options.quick else (300, 5))))
    medians = {(place.kind, place.name): statistics.median(place.figures) for place in places}
    print("Milliseconds of server CPU a connection")
    print()
    print_table(
        ["server", "consumer by hand", "hub", "hub to consumer"],
        [
            [
                kind,
                f"{medians[kind, 'consumer']:.2f}",
                f"{medians[kind, 'hub']:.2f}",
                ratio(medians[kind, "hub"], medians[kind, "consumer"]),
            ]
            for kind in ("daphne", "uvicorn")
        ],
    )


if __name__ == "__main__":
    main()
