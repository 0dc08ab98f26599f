"""`make run` in the hands of a test: what it says, what it has started, and the Ctrl-C key."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from config.run.plan import free_port
from tests.project.sources import ROOT

START_TIMEOUT = 60.0


class Run:
    """`python -m config.run` as a terminal would hold it: a process group of its own, with the Ctrl-C key."""

    def __init__(
        self,
        var: Path,
        *,
        command: Sequence[str] = (sys.executable, "-m", "config.run"),
        directory: Path = ROOT,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.var = var
        self.port = free_port()
        self.said = var / "said.txt"
        inherited = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
        with self.said.open("w") as output:
            self.process = subprocess.Popen(
                command,
                env={**inherited, "WARDLINE_VAR": str(var), "PORT": str(self.port), **(environment or {})},
                cwd=directory,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    @property
    def text(self) -> str:
        return self.said.read_text(encoding="utf-8")

    def wait_until_ready(self, timeout: float = START_TIMEOUT) -> None:
        wait_for(lambda: "Ctrl-C ends it" in self.text or self.process.poll() is not None, timeout)
        assert self.process.poll() is None, self.text

    def press_ctrl_c(self) -> int:
        """The exit code. A terminal sends the signal to every process of its foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(START_TIMEOUT)

    def processes(self) -> dict[int, str]:
        """Every process of this run, found by where its output goes: {pid: command line}."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (folder / "fd" / "1").readlink().is_relative_to(self.var):
                    found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        return found

    def kill(self) -> None:
        """Whatever has gone wrong, nothing outlives the test."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def pid_of(self, part: str) -> int:
        return next(pid for pid, command in self.processes().items() if part in command)


def wait_for(holds: Callable[[], bool], timeout: float = START_TIMEOUT) -> None:
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
