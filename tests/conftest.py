"""What every test stands on: a Valkey of its own, a database file of its own, and real servers on request."""

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import override_settings
from django.utils import translation
from pytest_django import DjangoDbBlocker, Settings

from config.run import commands
from hubs.conf import redis_channel_layer
from tests import servers

pytest_plugins = ["hubs.pytest_plugin"]

StartServer = Callable[..., servers.Server]
StartSite = Callable[..., servers.Site]


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Valkey]:
    """The Valkey of this test process; a test that stops or freezes it starts one of its own instead."""
    valkey = servers.Valkey("valkey", tmp_path_factory.mktemp("valkey"))
    valkey.start()
    yield valkey
    valkey.close()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Postgres]:
    """The PostgreSQL of this test process, for `start_site(environment={"DATABASE_URL": ...})`.

    Tests that only use the ORM run on whatever DATABASE_URL names: see tests/on_postgres.py.
    """
    postgres = servers.Postgres("postgres", tmp_path_factory.mktemp("postgres"))
    postgres.start()
    yield postgres
    postgres.close()


@pytest.fixture(scope="session", autouse=True)
def _real_channel_layer(valkey: servers.Valkey) -> Iterator[None]:
    """Also in-process tests use a real Valkey: the in-memory layer takes payloads that a real one refuses."""
    layer = redis_channel_layer(valkey.url, secret="tests")
    with override_settings(REDIS_URL=valkey.url, CHANNEL_LAYERS={"default": layer}):
        yield


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A page that was asked for in German leaves its language behind in the thread."""
    yield
    translation.deactivate()


@pytest.fixture
def redis_layer(valkey: servers.Valkey, settings: Settings, request: pytest.FixtureRequest) -> None:
    """A channel layer that no other test shares: the groups and channels of others mean nothing here."""
    prefix = f"test-{abs(hash(request.node.nodeid))}"
    layer = redis_channel_layer(valkey.url, secret="tests", prefix=prefix)
    settings.CHANNEL_LAYERS = {"default": layer}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    """A file, because threads and processes share it; in this run's own folder, because runs may overlap.

    On PostgreSQL a database of this test process.
    """
    test = connections["default"].settings_dict["TEST"]
    if connections["default"].vendor == "sqlite":
        test["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
    else:
        test["NAME"] = f"test_{worker_id}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Also lets go of what ended threads hold of it: PostgreSQL drops no database that is in use."""
    yield
    if connections["default"].vendor == "postgresql":
        with django_db_blocker.unblock(), connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory, valkey: servers.Valkey, worker_id: str) -> Path:
    """A folder with a seeded database and static files, made once a run, for sites to copy."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "seeded"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            servers.seed(folder, valkey.url)
            (folder / "ready").touch()
    return folder


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """`server = start_server(kind="uvicorn", app="config.asgi:application", env={...})` for this test."""
    started: list[servers.Server] = []

    def start(
        *, kind: servers.Kind = "daphne", app: str = commands.APPLICATION, env: dict[str, str] | None = None
    ) -> servers.Server:
        server = servers.Server(f"server-{len(started)}", tmp_path, env, kind=kind, app=app)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.close()


@pytest.fixture
def start_site(tmp_path: Path, seeded: Path) -> Iterator[StartSite]:
    """`site = start_site(workers=2, kind="daphne", environment={...})` for this test alone."""
    started: list[servers.Site] = []

    def start(**choices: Any) -> servers.Site:
        folder = tmp_path / f"site-{len(started)}"
        folder.mkdir()
        site = servers.open_site(folder, seeded, **choices)
        started.append(site)
        return site

    yield start
    for site in started:
        site.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, seeded: Path) -> Iterator[servers.Site]:
    """Two workers that the tests of one module share; a test that disturbs them uses `start_site`."""
    site = servers.open_site(tmp_path_factory.mktemp("site"), seeded, workers=2)
    yield site
    site.close()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing is skipped: what could not be tried has not been shown."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        reporter.write_line("\nSkipped tests count as failed where CI is set.")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
