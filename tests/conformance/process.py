"""The conformance server as a process of its own, for the length of a test."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STOP_TIMEOUT = 30  # seconds


@contextmanager
def conformance_server(server: str = "uvicorn", *options: str, workers: int = 1) -> Iterator[str]:
    """The address of a running server, such as http://127.0.0.1:41234."""
    command = [sys.executable, "-m", "tests.conformance.server", "--port", "0", *options]
    process = subprocess.Popen(
        [*command, "--server", server, "--workers", str(workers)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            assert address, "the conformance server did not start"
            yield address
        finally:
            process.terminate()
            process.wait(STOP_TIMEOUT)
