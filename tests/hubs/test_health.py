import asyncio
import http.client
import json
import signal
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from channels.routing import get_default_application
from django.db.migrations.recorder import MigrationRecorder
from httpx import ASGITransport, AsyncClient
from websockets.asyncio.client import connect

from hubs import health
from hubs.executor import run
from hubs.testing import HubCommunicator
from hubs.worker import existing_worker
from tests import servers
from tests.conftest import StartSite
from tests.hubs.test_metrics import Counted

ANSWERS_WITHIN = 20.0


def probe(client: tuple[str, int] = ("127.0.0.1", 50000)) -> AsyncClient:
    """Asks the product by an address, as a load balancer does, over plain HTTP."""
    application: Any = get_default_application()
    return AsyncClient(transport=ASGITransport(application, client=client), base_url="http://10.0.0.7")


@pytest.fixture
def _production(settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["ward.example"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_production")
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_a_probe_by_address_over_http_is_answered(path):
    async with probe() as client:
        assert (await client.get(path)).status_code == 200
        assert (await client.post(path)).status_code == 405
        assert (await client.get(f"{path}x")).status_code == 400  # that one is Django's


async def test_health_asks_no_database():  # without the mark, a test that asks one fails
    async with probe() as client:
        assert (await client.get("/healthz")).json() == {"alive": True}


@pytest.mark.django_db(transaction=True)
async def test_a_worker_that_can_serve_is_ready():
    async with HubCommunicator(Counted):
        await existing_worker().backplane.listening.wait()
        async with probe() as client:
            assert (await client.get("/readyz")).json() == {"ready": True, "problems": {}}


@pytest.mark.django_db(transaction=True)
async def test_a_migration_that_was_not_applied_is_named_by_number_only():
    applied = MigrationRecorder.Migration.objects.filter(app="hubs").order_by("-id")[:1]
    (last,) = await run(list, applied.values())
    await run(MigrationRecorder.Migration.objects.filter(id=last["id"]).delete)
    async with probe() as client:
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json() == {"ready": False, "problems": {"migrations": "1 not applied"}}
        await run(MigrationRecorder.Migration.objects.create, **last)
        assert (await client.get("/readyz")).status_code == 200


@pytest.mark.django_db(transaction=True)
async def test_a_database_that_hangs_is_asked_once_however_many_probe(monkeypatch):
    asked: list[int] = []
    hangs = asyncio.Event()

    async def never(function):
        asked.append(1)
        await hangs.wait()
        raise OSError("after the deadline")

    monkeypatch.setattr(health, "run", never)
    monkeypatch.setattr(health, "DEADLINE", 0.05)
    for _ in range(3):
        assert (await health.not_ready())["database"] == "TimeoutError"
    assert len(asked) == 1
    hangs.set()
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        (("127.0.0.1", 1), {}, 200),
        (("::1", 1), {}, 200),
        (("10.0.0.8", 1), {}, 403),
        (("127.0.0.1", 1), {"X-Forwarded-For": "203.0.113.7"}, 403),
        (("127.0.0.1", 1), {"Forwarded": "for=203.0.113.7"}, 403),
    ],
)
async def test_without_a_token_only_this_machine_itself_reads_metrics(client, headers, status):
    async with probe(client) as asking:
        assert (await asking.get("/metrics", headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer sesame"}, 200),
        ({"Authorization": "Bearer wrong"}, 403),
        ({"Authorization": "sesame"}, 403),
        ({}, 403),
    ],
)
async def test_with_a_token_nobody_reads_metrics_without_it(hubs, headers, status):
    hubs(METRICS_TOKEN="sesame")
    async with probe(("10.0.0.8", 1)) as client:
        answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == status
    assert ("hubs_connections" in answer.text) == (status == 200)


def asked(url: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


async def until(url: str, fits: Callable[[int, dict[str, Any]], bool]) -> dict[str, Any]:
    async with asyncio.timeout(ANSWERS_WITHIN):
        while not fits(*(found := await asyncio.to_thread(asked, url))):
            pass
    return found[1]["problems"]


def is_ready(status: int, body: dict[str, Any]) -> bool:
    return status == 200


def is_not_ready(status: int, body: dict[str, Any]) -> bool:
    return status == 503


@pytest.mark.long
@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
async def test_a_worker_says_which_part_is_away_and_that_it_is_back(start_site: StartSite, kind: str) -> None:
    site = await asyncio.to_thread(lambda: start_site(kind=kind))
    ready = f"{site.url}/readyz"
    assert await until(ready, is_ready) == {}

    site.valkey.freeze()
    assert await until(ready, is_not_ready) == {"channel layer": "TimeoutError"}
    site.valkey.thaw()
    assert await until(ready, is_ready) == {}

    site.valkey.kill()
    assert list(await until(ready, is_not_ready)) == ["channel layer"]
    assert asked(f"{site.url}/healthz") == (200, {"alive": True})
    site.valkey.start()
    assert await until(ready, is_ready) == {}

    elsewhere = site.database.with_suffix(".moved")
    site.database.rename(elsewhere)
    site.database.mkdir()  # a file that is not there would just be made anew
    assert await until(ready, is_not_ready) == {"database": "OperationalError"}
    site.database.rmdir()
    elsewhere.rename(site.database)
    assert await until(ready, is_ready) == {}

    await asyncio.to_thread(site.manage, "migrate", "hubs", "0001")
    assert "not applied" in (await until(ready, is_not_ready))["migrations"]
    await asyncio.to_thread(site.manage, "migrate", "hubs")
    assert await until(ready, is_ready) == {}


@pytest.mark.long
async def test_a_worker_finds_a_postgresql_again_that_was_away(start_server, valkey, tmp_path) -> None:
    database = servers.Postgres("postgres", tmp_path)
    await asyncio.to_thread(database.start)
    try:
        environment = servers.site_environment(tmp_path, redis_url=valkey.url)
        env = {**environment, "DATABASE_URL": database.url}
        server = await asyncio.to_thread(lambda: start_server(env=env))
        ready = f"{server.url}/readyz"
        assert list(await until(ready, is_not_ready)) == ["migrations"]  # it is empty, and it answers
        await asyncio.to_thread(database.kill)
        await until(ready, lambda status, body: "database" in body["problems"])
        await asyncio.to_thread(database.start)
        assert list(await until(ready, lambda status, body: "database" not in body["problems"])) == [
            "migrations"
        ]
    finally:
        await asyncio.to_thread(database.close)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
async def test_a_worker_that_drains_is_not_ready(start_site: StartSite, kind: str) -> None:
    environment = {"DRAIN_SECONDS": "3"}
    site = await asyncio.to_thread(lambda: start_site(kind=kind, environment=environment))
    token = site.manage("shell", "-v", "0", "-c", TOKEN).strip()
    address = f"{site.url.replace('http', 'ws')}/hubs/clinical"
    async with connect(address, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
        await socket.send('{"protocol":"json","version":1}\x1e')
        assert await socket.recv() == "{}\x1e"
        assert site.workers[0].process is not None
        # A load balancer's connection, which outlives the port: at SIGTERM nobody new is let in.
        kept = http.client.HTTPConnection("127.0.0.1", site.workers[0].port, timeout=10)
        assert on(kept) == (200, {"ready": True, "problems": {}})
        site.workers[0].process.signal(signal.SIGTERM)
        async with asyncio.timeout(ANSWERS_WITHIN):
            while (answer := await asyncio.to_thread(on, kept))[0] == 200:
                pass
        assert answer == (503, {"ready": False, "problems": {"worker": "going down"}})
        kept.close()


def on(kept: http.client.HTTPConnection) -> tuple[int, dict[str, Any]]:
    kept.request("GET", "/readyz")
    with kept.getresponse() as answer:
        return answer.status, json.load(answer)


TOKEN = (
    "from accounts import tokens; from accounts.models import User;"
    "print(tokens.access_for(tokens.log_in(User.objects.get(username='nurse.icu'))))"
)
