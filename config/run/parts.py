"""The processes of a run: started one by one, waited for, watched until one ends or somebody says stop."""

import queue
import signal
import time
from collections.abc import Callable
from types import FrameType

from config.run import commands
from config.run.answers import redis_answers
from config.run.errors import CannotRun, Stopped
from config.run.plan import BASE_DIR, Plan, free_port
from config.run.processes import Process

START_TIMEOUT = 60.0
LOOK_AGAIN = 0.05
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Parts:
    """The running product: its parts in the order of their start."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._parts: list[Process] = []
        self._environment: dict[str, str] = {}
        # Handlers only leave a note: an exception out of one could lose a process that is just being started.
        self._notes: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in (*STOP_SIGNALS, signal.SIGCHLD):
            signal.signal(number, self._note)

    def start(self) -> str:
        """Returns what seed_demo says of the logins."""
        raise NotImplementedError

    def watch(self) -> None:
        """Ends by an exception only: Stopped, or CannotRun when a part has ended by itself."""
        while True:
            note = self._notes.get()
            self._heed(note)
            self._act_on(note)
            for part in self._parts:
                if part.exit_code is not None:
                    raise _ended(part)

    def _act_on(self, number: int) -> None:
        """What a signal asks for that counts only while everything runs."""

    def end(self) -> None:
        """Those that need others end first; a second Ctrl-C does not leave half of them behind."""
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        while self._parts:
            self._parts.pop().end()

    def _start_valkey(self) -> str:
        port = free_port()
        url = f"redis://127.0.0.1:{port}/0"
        self._wait(self._start("valkey", commands.valkey(port, self.plan.var)), lambda: redis_answers(url))
        return url

    def _prepare(self) -> str:
        """Database, static files and demo hospital; returns what seed_demo says of the logins."""
        logins = self.plan.var / "logins.txt"
        self._finish(self._start("preparation", commands.prepare(logins)))
        return logins.read_text(encoding="utf-8").strip()

    def _start(
        self, name: str, command: list[str], *, stop_signal: signal.Signals = signal.SIGTERM
    ) -> Process:
        log = self.plan.var / "log" / f"{name}.log"
        log.unlink(missing_ok=True)
        part = Process(
            name,
            command,
            log=log,
            environment=self._environment,
            directory=BASE_DIR,
            stop_signal=stop_signal,
        )
        self._parts.append(part)
        return part

    def _finish(self, part: Process) -> None:
        """Waits for a part that has an end."""
        while part.exit_code is None:
            self._heed(self._notes.get())
        if part.exit_code != 0:
            raise _ended(part)
        self._parts.remove(part)

    def _wait(self, part: Process, answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not answers():
            if part.exit_code is not None:
                raise _ended(part)
            if time.monotonic() > deadline:
                raise CannotRun(f"The {part.name} does not answer; its log is {part.log}.")
            self._pause()

    def _pause(self) -> None:
        """A moment, or shorter when something has happened."""
        try:
            self._heed(self._notes.get(timeout=LOOK_AGAIN))
        except queue.Empty:
            return

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._notes.put(number)

    def _heed(self, number: int) -> None:
        if number in STOP_SIGNALS:
            raise Stopped


def _ended(part: Process) -> CannotRun:
    words = part.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    last = f" Its last words: {words[-1]}" if words else ""
    return CannotRun(
        f"The {part.name} has ended with exit code {part.exit_code}; its log is {part.log}.{last}"
    )
