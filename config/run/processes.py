"""A process with its own process group and its own log file, so that ending it ends all that it started."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE = 8.0  # longer than the goodbyes of a worker that goes down


class Process:
    """One part of the running product, or of a test's."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        with log.open("ab") as output:
            self._popen = subprocess.Popen(  # noqa: S603 - every command is built from our own constants
                command,
                env=None if environment is None else {**os.environ, **environment},
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A terminal sends Ctrl-C to its foreground group only: whoever started us ends us, in order.
                process_group=0,
            )

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._popen.poll()

    def signal(self, number: signal.Signals) -> None:
        """Reaches the process and whatever it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, number)

    def ask_to_end(self) -> None:
        self.signal(self._stop_signal)

    def end(self, patience: float = PATIENCE) -> None:
        """Asks politely, then not; afterwards nothing of the group is left."""
        self.ask_to_end()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(patience)
        self.kill()

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self._popen.wait()
