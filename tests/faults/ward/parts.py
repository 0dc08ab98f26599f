"""The parts of a ward under fault: two workers, Redis and a database, a line between each two that talk."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from config.run.plan import BASE_DIR
from config.run.processes import Process
from tests import servers
from tests.faults.ward.ledger import Ledger
from tests.faults.ward.line import Line, laid
from tests.redis_servers import Replicated

WORKERS = 2


@dataclass
class Parts:
    """Everything that can be broken."""

    directory: Path
    environment: Mapping[str, str]
    valkey: servers.Valkey
    workers: list[servers.Server]
    to_redis: list[Line]  # a worker each
    to_workers: list[Line]  # what clients connect to
    writers_line: Line  # from the writer to Redis
    postgres: servers.Postgres | None
    replicated: Replicated | None  # then nobody uses the lines to Redis

    @property
    def log_text(self) -> str:
        return "".join(worker.log_text for worker in self.workers)

    @property
    def database(self) -> Path:
        """The file, where it is SQLite."""
        return self.directory / "wardline.sqlite3"

    def writer(self, name: str, per_second: float) -> Process:
        return Process(
            name,
            [sys.executable, "-m", "tests.faults.ward.writer", str(per_second)],
            log=self.directory / f"{name}.log",
            environment={**self.environment, **self._unfaked(), "REDIS_URL": self._writers_redis()},
            directory=BASE_DIR,
        )

    async def ledger(self) -> Ledger:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.ward.ledger"),
            cwd=BASE_DIR,
            env={**os.environ, **self.environment, **self._unfaked()},
            stdout=asyncio.subprocess.PIPE,
        )
        printed, _ = await process.communicate()
        return msgspec.json.decode(printed, type=Ledger)

    async def start(self, service: servers.Service) -> None:
        await asyncio.to_thread(service.start)

    async def stop(self, service: servers.Service) -> None:
        await asyncio.to_thread(service.stop)

    async def restart(self, service: servers.Service) -> None:
        await asyncio.to_thread(service.restart)

    def _writers_redis(self) -> str:
        return redis_url(self.writers_line) if self.replicated is None else self.replicated.url

    def _unfaked(self) -> dict[str, str]:
        """Only the workers' clock is set back: the rest stands for other machines."""
        return {"LD_PRELOAD": ""}


@asynccontextmanager
async def parts(
    directory: Path,
    seeded: Path,
    environment: Mapping[str, str],
    *,
    kind: servers.Kind,
    postgres: servers.Postgres | None,
    replicated: Replicated | None = None,
) -> AsyncIterator[Parts]:
    async with AsyncExitStack() as stack:
        valkey = servers.Valkey("valkey", directory)
        stack.callback(valkey.close)
        common = servers.site_environment(directory, redis_url=valkey.url) | dict(environment)
        _copy(seeded, directory)
        to_redis = [await stack.enter_async_context(laid(valkey.port)) for _ in range(WORKERS + 1)]
        workers = []
        for number, line in enumerate(to_redis[:WORKERS]):
            own = {**common, "REDIS_URL": redis_url(line) if replicated is None else replicated.url}
            workers.append(servers.Server(f"worker-{number}", directory, own, kind=kind))
            stack.callback(workers[-1].close)
        for worker in workers:
            worker.environment = {**(worker.environment or {}), "ORIGINS": ",".join(w.url for w in workers)}
        to_workers = [await stack.enter_async_context(laid(worker.port)) for worker in workers]
        for service in (valkey, *workers):
            service.launch()
        for service in (valkey, *workers):
            await asyncio.to_thread(service.wait)
        yield Parts(
            directory,
            common,
            valkey,
            workers,
            to_redis[:WORKERS],
            to_workers,
            to_redis[-1],
            postgres,
            replicated,
        )


def _copy(seeded: Path, directory: Path) -> None:
    """The seeded database, where it is SQLite, and the static files."""
    for source in seeded.glob("wardline.sqlite3*"):
        shutil.copy(source, directory)
    (directory / "static").symlink_to(seeded / "static")


def redis_url(line: Line) -> str:
    return f"redis://127.0.0.1:{line.port}/0"


def lines_of(path: Path) -> list[dict[str, object]]:
    """What the writer has said up to now."""
    return [json.loads(text) for text in path.read_text().splitlines() if text.startswith("{")]
