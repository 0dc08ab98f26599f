"""The whole product under load: PostgreSQL, Valkey, a built hospital, and workers that share one core."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import process
from benchmarks.process import LOAD_CORES, Server
from benchmarks.screens import Screen
from config.run import postgres

APPLICATION = "benchmarks.ward:application"
INSIDE = "/benchmark"  # the path at which each worker says what only itself knows


@dataclass(frozen=True, slots=True)
class Stage:
    """Workers that serve the clinical hub, and the people who may read its wards."""

    workers: list[Server]
    environment: Mapping[str, str]
    people: list[tuple[str, str]]

    @property
    def ports(self) -> list[int]:
        return [worker.port for worker in self.workers]

    @property
    def wards(self) -> list[str]:
        return sorted({ward for ward, _ in self.people})

    def screens(self, count: int) -> list[Screen]:
        return [Screen(ward, token, self.ports) for ward, token in self.people[:count]]

    def cpu_seconds(self) -> float:
        return sum(worker.cpu_seconds() for worker in self.workers)

    async def snapshots(self) -> dict[str, int]:
        """How often each ward's board was built, by all workers."""
        built: dict[str, int] = dict.fromkeys(self.wards, 0)
        for worker in self.workers:
            for ward, count in (await inside(worker))["snapshots"].items():
                built[ward] += count
        return built

    async def boards(self) -> dict[str, Any]:
        """What the database says."""
        boards: dict[str, Any] = json.loads(await self.output("benchmarks.hospital", "boards"))
        return boards

    async def counts(self) -> dict[str, int]:
        """Rows of what comes and goes."""
        counts: dict[str, int] = json.loads(await self.output("benchmarks.hospital", "counts"))
        return counts

    async def fresh_tokens(self) -> list[str]:
        """A token of this minute for each of the people."""
        people: list[tuple[str, str]] = json.loads(await self.output("benchmarks.hospital", "people"))
        return [token for _, token in people]

    async def write(self, rate: float, seconds: float, *options: str) -> list[str]:
        """Has a writer work at all wards; its lines when it is done."""
        words = ["--rate", str(rate), "--seconds", str(seconds), "--wards", *self.wards, *options]
        return (await self.output("benchmarks.writer", *words)).splitlines()

    async def output(self, module: str, *words: str) -> str:
        """What a module prints that is run beside the workers."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *words),
            env={**os.environ, **self.environment},
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{module} has failed.")
        return output.decode()


async def inside(worker: Server) -> dict[str, Any]:
    """What only the process itself knows."""

    def ask() -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{worker.port}{INSIDE}", timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    return await asyncio.to_thread(ask)


def _build(environment: Mapping[str, str], *words: str) -> Any:
    command = [sys.executable, "-m", "benchmarks.hospital", "build", *words]
    done = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def add_choices(parser: ArgumentParser) -> None:
    parser.add_argument("--server", choices=["daphne", "uvicorn"], default="daphne")
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--quick", action="store_true", help="small and short, for development")


@contextmanager
def product(
    *, server: str, database: str, workers: int, readers: int, wards: int = 20, application: str = APPLICATION
) -> Iterator[Stage]:
    """The product with a hospital of that size; everything is gone afterwards."""
    process.use_load_cores()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left behind then either
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmarks-")))
        folder.chmod(0o755)  # for PostgreSQL, which runs as a user without rights
        environment = {
            "PYTHONWARNINGS": "ignore",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "WARDLINE_DEVELOPMENT": "yes",
            "WARDLINE_VAR": str(folder),
            "LOG_LEVEL": "ERROR",
            "REDIS_URL": stack.enter_context(process.valkey()),
        }
        if database == "postgresql":
            environment["DATABASE_URL"] = stack.enter_context(_postgresql(folder / "postgresql"))
        people = _build(environment, "--wards", str(wards), "--readers", str(readers))
        started = [
            stack.enter_context(process.running(server, application, environment)) for _ in range(workers)
        ]
        yield Stage(started, environment, [(ward, token) for ward, token in people])


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    postgres.create(folder)
    port = process.free_port()
    with process.started(postgres.command(folder, port, "log_min_messages=panic"), {}, LOAD_CORES, port):
        yield postgres.url(folder, port)
