"""The conformance server with what a test of faults looks at: its processes, their memory, its log."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = "tests.conformance.asgi:application"
START_TIMEOUT = 60  # seconds
STOP_TIMEOUT = 30


@dataclass(frozen=True)
class ConformanceServer:
    """A running conformance server."""

    address: str  # such as http://127.0.0.1:41234
    log: Path
    workers: tuple[int, ...]  # process ids

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def log_text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def memory(self) -> int:
        """Bytes that the workers hold in memory."""
        return sum(_resident(worker) for worker in self.workers)

    @property
    def is_alive(self) -> bool:
        return all(Path(f"/proc/{worker}/status").exists() for worker in self.workers)


@contextmanager
def conformance_server(
    kind: str, log: Path, hubs: Mapping[str, object] | None = None
) -> Iterator[ConformanceServer]:
    """A server of its own; `hubs` are settings of hubs that this test wants otherwise."""
    command = [sys.executable, "-m", "tests.conformance.server", "--port", "0", "--server", kind]
    settings = {"DRAIN_SECONDS": 0, **(hubs or {})}
    environment = {**os.environ, "LOG_LEVEL": "WARNING", "CONFORMANCE_HUBS": json.dumps(settings)}
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment
        ) as process,
    ):
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            assert address, f"the conformance server did not start:\n{log.read_text()}"
            _wait_until_served(address)
            yield ConformanceServer(address, log, _workers(process.pid))
        finally:
            process.terminate()
            process.wait(STOP_TIMEOUT)


def _wait_until_served(address: str) -> None:
    """The port is open before the worker has loaded what it serves."""
    try:
        urllib.request.urlopen(address, timeout=START_TIMEOUT).close()
    except urllib.error.HTTPError as answer:
        answer.close()


def _workers(process: int) -> tuple[int, ...]:
    """Its children that serve hubs, and not its Valkey."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return tuple(
        int(child) for child in children if APPLICATION in Path(f"/proc/{child}/cmdline").read_text()
    )


def _resident(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(process)
