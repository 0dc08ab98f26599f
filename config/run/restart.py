"""`python -m config.run.restart`: asks a running `make serve` for a rolling restart, waits for its end."""

import os
import signal
import sys
import time
from pathlib import Path

from config.run.plan import folder_of
from config.run.terminal import complain, say

SIGNAL = signal.SIGUSR1  # SIGHUP comes from a terminal that is closed
DONE = "Every worker has been restarted."
LOOK_AGAIN = 0.1


def offer(var: Path) -> None:
    """Says who can be asked."""
    _pid_file(var).write_text(str(os.getpid()), encoding="ascii")


def report(var: Path, result: str) -> None:
    """Tells the terminal and whoever has asked."""
    say(result)
    # In one step, so that nobody reads half of it.
    draft = var / "restart.part"
    draft.write_text(result, encoding="utf-8")
    draft.rename(_result_file(var))


def ask(var: Path) -> str:
    """What became of it; a sentence that is not DONE is what went wrong."""
    try:
        pid = int(_pid_file(var).read_text(encoding="ascii"))
        _result_file(var).unlink(missing_ok=True)
        os.kill(pid, SIGNAL)
        while not _result_file(var).exists():
            time.sleep(LOOK_AGAIN)
            os.kill(pid, 0)
    except (OSError, ValueError):
        return "Nothing is running that could be restarted: start it with make serve."
    return _result_file(var).read_text(encoding="utf-8")


def _pid_file(var: Path) -> Path:
    return var / "pid"


def _result_file(var: Path) -> Path:
    return var / "restart.txt"


def main() -> int:
    result = ask(folder_of(os.environ, serving=True))
    if result != DONE:
        complain(result)
        return 1
    say(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
