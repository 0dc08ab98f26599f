"""Starts a server as a process of its own, pinned to one core, and reads from the system what it has used."""

import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.run import commands

CORES = os.sched_getaffinity(0)
SERVER_CORES = {max(CORES)}
LOAD_CORES = CORES - SERVER_CORES or CORES


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, and its process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """To the nanosecond, of all its threads; /proc counts in hundredths only."""
        return time.clock_gettime((~self.pid << 3) | 2)

    def resident_kib(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


@contextmanager
def running(server: str, application: str, environment: Mapping[str, str]) -> Iterator[Server]:
    """The application on a server of that name, which has the last core for itself."""
    port = free_port()
    with started(_command(server, application, port), environment, SERVER_CORES, port) as pid:
        yield Server(port, pid)


def _command(server: str, application: str, port: int) -> list[str]:
    match server:
        case "daphne":
            return commands.daphne("127.0.0.1", port, application=application)
        case "uvicorn":
            return [sys.executable, "-m", "hubs.uvicorn", "--port", str(port), application]
    return [server, application, str(port)]


@contextmanager
def valkey() -> Iterator[str]:
    """The URL of an empty Valkey on the cores of the load."""
    port = free_port()
    with (
        tempfile.TemporaryDirectory(prefix="benchmarks-") as folder,
        started(commands.valkey(port, Path(folder)), {}, LOAD_CORES, port),
    ):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def started(
    command: Sequence[str], environment: Mapping[str, str], cores: set[int], port: int
) -> Iterator[int]:
    """The id of a process that listens on the port; it is killed afterwards."""
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    os.sched_setaffinity(process.pid, cores)
    try:
        _wait_for(port, process)
        yield process.pid
    finally:
        process.kill()
        process.wait()


def use_load_cores() -> None:
    """Keeps this process, and what it starts without another wish, off the servers' core."""
    os.sched_setaffinity(0, LOAD_CORES)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(900):  # a busy machine needs its time
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server has not started.")
