"""Real parts for tests: Valkey, PostgreSQL, Daphne and uvicorn, each with its own port and log file."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psycopg
from psycopg import sql

from config.run import commands, postgres
from config.run.plan import BASE_DIR
from config.run.processes import Process

START_TIMEOUT = 30.0
Kind = Literal["daphne", "uvicorn"]


class Service(ABC):
    """A process that listens on a port of the loopback interface, the same when it is started again."""

    def __init__(self, name: str, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.directory = directory
        self.log = directory / f"{name}.log"
        self.environment = environment
        # Bound but not listening: nobody else is given this port, and the process itself may still take it.
        self._reservation = socket.socket()
        self._reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reservation.bind(("127.0.0.1", 0))
        self.port: int = self._reservation.getsockname()[1]
        self.process: Process | None = None

    @abstractmethod
    def command(self) -> list[str]: ...

    @property
    def log_text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Returns when the port is open; fails with the log if the process ends first."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        self.process = Process(
            self.name, self.command(), log=self.log, environment=self.environment, directory=BASE_DIR
        )

    def wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not self.is_listening():
            if self.process is None or self.process.exit_code is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"{self.name} did not start:\n{self.log_text}")
            time.sleep(0.01)

    def is_listening(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """As an operator does it: SIGTERM, and time to go."""
        if self.process is not None:
            self.thaw()
            self.process.end()
            self.process = None

    def kill(self) -> None:
        """As the kernel does it when memory runs out."""
        if self.process is not None:
            self.process.kill()
            self.process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Still there, still connected, and silent."""
        if self.process is not None:
            self.process.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self.process is not None:
            self.process.signal(signal.SIGCONT)

    def close(self) -> None:
        """Stops it for good and gives the port back."""
        self.stop()
        self._reservation.close()


class Valkey(Service):
    """An empty Valkey that keeps nothing over a restart."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        return commands.valkey(self.port, self.directory)


class Postgres(Service):
    """A PostgreSQL that forgets what it had not written when the machine dies, but not when it is killed."""

    def __init__(self, name: str, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        super().__init__(name, directory, environment)
        # Not in `directory`: PostgreSQL runs as a user without rights, to whom pytest's folders are closed.
        self._folder = tempfile.TemporaryDirectory(prefix="postgres-")
        self._path = Path(self._folder.name)
        self._databases = 0
        postgres.create(self._path)

    @property
    def url(self) -> str:
        return postgres.url(self._path, self.port)

    def command(self) -> list[str]:
        return postgres.command(self._path, self.port, "fsync=off", "max_connections=200")

    def is_listening(self) -> bool:
        """Whether it answers; its port is open before that."""
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def new_database(self, template: str = "template1") -> str:
        """The URL of a database that nobody else uses; the template may not be in use at this moment."""
        self._databases += 1
        base, _, _ = self.url.rpartition("/")
        name = f"database_{self._databases}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return f"{base}/{name}"

    def stop(self) -> None:
        """Cutting its clients off at once; SIGTERM alone would wait for them to leave."""
        if self.process is not None:
            self.process.signal(signal.SIGINT)
        super().stop()

    def kill(self) -> None:
        """All of its processes at once, nothing written: it has to recover when it starts."""
        if self.process is not None:
            self.process.signal(signal.SIGQUIT)
            self.process.end()
            self.process = None

    def close(self) -> None:
        super().close()
        self._folder.cleanup()


class Server(Service):
    """One worker process that serves an ASGI application."""

    def __init__(
        self,
        name: str,
        directory: Path,
        environment: Mapping[str, str] | None = None,
        *,
        kind: Kind = "daphne",
        app: str = commands.APPLICATION,
        options: Sequence[str] = (),
    ) -> None:
        super().__init__(name, directory, environment)
        self.kind = kind
        self.app = app
        self.options = options

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        if self.kind == "daphne":
            return commands.daphne("127.0.0.1", self.port, self.options, application=self.app)
        options = ["--lifespan", "off", "--no-access-log", "--timeout-graceful-shutdown", "2", *self.options]
        return [sys.executable, "-m", "uvicorn", "--port", str(self.port), *options, self.app]


@dataclass
class Site:
    """The whole product: a Valkey, a seeded database, and worker processes that share both."""

    directory: Path
    valkey: Valkey
    environment: dict[str, str]
    workers: list[Server] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.workers[0].url

    @property
    def urls(self) -> list[str]:
        return [worker.url for worker in self.workers]

    @property
    def database(self) -> Path:
        return self.directory / "wardline.sqlite3"

    @property
    def log_text(self) -> str:
        return "".join(worker.log_text for worker in self.workers)

    def manage(self, *arguments: str) -> str:
        """What a manage.py command prints, run beside the workers."""
        return run_to_end(commands.manage(*arguments), self.environment)

    def close(self) -> None:
        for worker in self.workers:
            worker.close()
        self.valkey.close()


def open_site(
    directory: Path,
    seeded: Path,
    *,
    workers: int = 1,
    kind: Kind = "daphne",
    environment: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
) -> Site:
    """A site whose data is a copy of the seeded folder."""
    for source in seeded.glob("wardline.sqlite3*"):
        shutil.copy(source, directory)
    (directory / "static").symlink_to(seeded / "static")
    valkey = Valkey("valkey", directory)
    site = Site(directory, valkey, site_environment(directory, redis_url=valkey.url))
    site.environment.update(environment or {})
    try:
        valkey.start()
        site.workers += [
            Server(f"worker-{number}", directory, site.environment, kind=kind, options=options)
            for number in range(workers)
        ]
        site.environment.setdefault("ORIGINS", ",".join(site.urls))
        for worker in site.workers:
            worker.launch()
        for worker in site.workers:
            worker.wait()
    except BaseException:
        site.close()
        raise
    return site


def site_environment(directory: Path, *, redis_url: str) -> dict[str, str]:
    """The product's own settings, but for a quick password hasher and a prompt goodbye."""
    return {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "WARDLINE_DEVELOPMENT": "yes",
        "WARDLINE_VAR": str(directory),
        "REDIS_URL": redis_url,
        "DRAIN_SECONDS": "0",
    }


def seed(directory: Path, redis_url: str) -> None:
    """Fills a folder once, for every site to copy: database, static files, demo hospital."""
    command = commands.prepare(directory / "logins.txt")
    run_to_end(command, site_environment(directory, redis_url=redis_url))


def run_to_end(
    command: Sequence[str], environment: Mapping[str, str], *, timeout: float = START_TIMEOUT
) -> str:
    """The output of a command that must succeed."""
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}{done.stderr}"
    return done.stdout
