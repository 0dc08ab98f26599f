"""Starts a server as a process of its own and reads from the system what it has used."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
SERVERS = {
    "daphne": ["daphne", "--verbosity", "0", "-p"],
    "uvicorn": ["hubs.uvicorn", "--port"],
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, and its process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_kib(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


@contextmanager
def running(server: str, application: str, environment: dict[str, str]) -> Iterator[Server]:
    """The application on a server of that name, pinned to the last core."""
    port = _free_port()
    command = [sys.executable, "-m", *SERVERS[server], str(port), application]
    process = subprocess.Popen(command, env={**os.environ, **environment})
    os.sched_setaffinity(process.pid, {max(os.sched_getaffinity(0))})
    try:
        _wait_for(port, process)
        yield Server(port, process.pid)
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server has not started.")
