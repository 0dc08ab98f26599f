"""The scene of a fault: `@fault("title", ("PostgreSQL", "Daphne"))` above a test, which asks for `ward`."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from config.run import commands
from tests import servers
from tests.faults.ward.fault import Fault
from tests.faults.ward.parts import parts
from tests.faults.ward.scene import Scene, scene
from tests.redis_servers import Replicated

PREPARED_WITHIN = 120.0  # seconds


@pytest.fixture(scope="session")
def seeded_postgres(
    tmp_path_factory: pytest.TempPathFactory, valkey: servers.Valkey
) -> Iterator[tuple[servers.Postgres, str]]:
    """A PostgreSQL of this test process, and the database in it that is copied for each test."""
    folder = tmp_path_factory.mktemp("seeded-postgres")
    postgres = servers.Postgres("postgres", folder)
    postgres.start()
    url = postgres.new_database()
    environment = servers.site_environment(folder, redis_url=valkey.url)
    prepare = commands.prepare(folder / "logins.txt")
    servers.run_to_end(prepare, {**environment, "DATABASE_URL": url}, timeout=PREPARED_WITHIN)
    yield postgres, url.rpartition("/")[2]
    postgres.close()


@pytest.fixture
def replicated(tmp_path: Path) -> Iterator[Replicated]:
    """A Redis that is replaced when it is gone."""
    redis = Replicated(tmp_path)
    redis.start()
    yield redis
    redis.close()


@pytest.fixture
async def ward(request: pytest.FixtureRequest, tmp_path: Path, seeded: Path) -> AsyncIterator[Scene]:
    """Two workers, a writer, and readers who are all live; the test breaks something, and then judges."""
    fault: Fault = request.param
    logging.getLogger("httpx").setLevel(logging.WARNING)
    environment = {name: value.format(folder=tmp_path) for name, value in fault.environment.items()}
    postgres = None
    if fault.database == "PostgreSQL":
        postgres, template = request.getfixturevalue("seeded_postgres")
        if not postgres.is_listening():  # what a test before has left
            postgres.restart()
        environment["DATABASE_URL"] = postgres.new_database(template)
    kind: servers.Kind = "daphne" if fault.server == "Daphne" else "uvicorn"
    redis = request.getfixturevalue("replicated") if fault.sentinel else None
    async with (
        parts(tmp_path, seeded, environment, kind=kind, postgres=postgres, replicated=redis) as found,
        scene(found, fault) as opened,
    ):
        yield opened
