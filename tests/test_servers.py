"""The parts that other tests build on do what they say."""

import json
import socket
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from tests.conftest import StartServer, StartSite
from tests.servers import Kind, Postgres, Site, Valkey


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            status: int = answer.status
    except urllib.error.HTTPError as error:
        return error.code
    return status


def test_the_workers_of_a_site_serve_the_same_seeded_hospital(site: Site) -> None:
    assert [status_of(f"{url}/api/patients/") for url in site.urls] == [401, 401]
    count = "from clinical.models import Patient; print(Patient.objects.count())"
    counted = site.manage("shell", "--verbosity", "0", "--command", count)
    assert counted.strip() == "40"


def test_a_login_of_the_demo_gets_tokens_from_every_worker(site: Site) -> None:
    body = json.dumps({"username": "nurse.icu", "password": "wardline-demo"}).encode()
    for url in site.urls:
        request = urllib.request.Request(
            f"{url}/api/token/", data=body, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert {"access", "refresh"} <= set(json.load(answer))


def test_static_files_are_served(site: Site) -> None:
    assert status_of(f"{site.url}/static/signalr/signalr.js") == 200


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_a_killed_worker_comes_back_at_the_same_address(start_site: StartSite, kind: str) -> None:
    site = start_site(kind=kind)
    worker = site.workers[0]
    worker.kill()
    with pytest.raises((ConnectionError, urllib.error.URLError)):
        status_of(f"{site.url}/api/patients/")
    worker.start()
    assert status_of(f"{site.url}/api/patients/") == 401


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_hundreds_who_come_in_one_moment_wait_at_the_door_of_a_busy_worker(
    start_server: StartServer, kind: Kind
) -> None:
    """Whom the kernel drops tries again after 1, 3, 7, 15, 31 and 63 s: a screen would be dark for that."""
    server = start_server(kind=kind)
    server.freeze()
    with ExitStack() as stack:
        for _ in range(500):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=0.9))
        server.thaw()


def test_a_server_that_cannot_start_shows_its_log(start_server: StartServer) -> None:
    with pytest.raises(AssertionError, match="nowhere"):
        start_server(app="nowhere.asgi:application")


def test_a_frozen_valkey_is_silent_and_then_answers(tmp_path: Path) -> None:
    valkey = Valkey("valkey", tmp_path)
    valkey.start()
    with Redis.from_url(valkey.url, socket_timeout=0.2, retry=None) as redis:
        valkey.freeze()
        with pytest.raises(RedisTimeoutError):
            redis.ping()
        valkey.thaw()
        assert redis.ping()
    valkey.close()


def test_a_stopped_valkey_refuses_and_comes_back_empty(tmp_path: Path) -> None:
    valkey = Valkey("valkey", tmp_path)
    valkey.start()
    with Redis.from_url(valkey.url, retry=None) as redis:
        redis.set("key", "value")
        valkey.stop()
        with pytest.raises(RedisConnectionError):
            redis.ping()
        valkey.start()
        assert redis.get("key") is None
    valkey.close()


def test_a_database_of_one_test_is_empty_and_nobody_elses(postgres: Postgres) -> None:
    first, second = postgres.new_database(), postgres.new_database()
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE mine (number int)")
    with psycopg.connect(second) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("TABLE mine")


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_a_postgresql_that_ends_cuts_its_clients_and_comes_back_with_what_was_committed(
    tmp_path: Path, ending: str
) -> None:
    postgres = Postgres("postgres", tmp_path)
    postgres.start()
    client = psycopg.connect(postgres.url)
    client.execute("CREATE TABLE kept (number int)")
    client.commit()
    getattr(postgres, ending)()
    with pytest.raises(psycopg.OperationalError):
        client.execute("TABLE kept")
    client.close()
    assert not postgres.is_listening()
    postgres.start()
    with psycopg.connect(postgres.url) as client:
        assert client.execute("TABLE kept").fetchall() == []
    postgres.close()


def test_a_postgresql_lets_nobody_in_without_its_password(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=postgres.port, user="wardline", password="guess")
