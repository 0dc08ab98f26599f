"""Follows a tutorial as a reader does: writes the files that it shows, runs the commands that it names."""

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# The first line of a file says where it belongs, in a comment of its language.
PLACE = re.compile(r"(?:#|//|<!--) ([\w/.]+)(, at the end)?(?: -->)?\n")
TIMEOUT = 60  # seconds


class Tutorial:
    """The steps of a page, from its first to its last block, in a folder of its own."""

    def __init__(self, page: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = {**os.environ, **environment}
        self._steps = _steps(page)

    def follow(self, until: str | None = None) -> None:
        """Goes on to the command that contains the text, which is left to the caller, or to the end."""
        for step in self._steps:
            if isinstance(step, _Command) and until is not None and until in step.line:
                return
            step.take(self)
        assert until is None, f"the page does not say {until!r}"

    def run(self, *arguments: str) -> str:
        """What `python ...` prints; it must succeed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        assert done.returncode == 0, f"{arguments} failed:\n{done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def running(self, *arguments: str, port: int) -> Iterator[None]:
        """A `python ...` that listens on the port until the caller is done with it."""
        log = self.folder / "server.log"
        with log.open("w") as output:
            command = [sys.executable, *arguments]
            server = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=output, stderr=output
            )
        try:
            deadline = time.monotonic() + TIMEOUT
            while not _is_listening(port):
                assert server.poll() is None, log.read_text(encoding="utf-8")
                assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
                time.sleep(0.05)
            yield
        finally:
            server.terminate()
            server.wait(TIMEOUT)


class _File:
    def __init__(self, place: str, is_addition: bool, text: str) -> None:
        self.place, self.is_addition, self.text = place, is_addition, text

    def take(self, tutorial: Tutorial) -> None:
        path = tutorial.folder / self.place
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if self.is_addition else "w", encoding="utf-8") as file:
            file.write(self.text)


class _Command:
    def __init__(self, line: str, shown: str) -> None:
        self.line, self.shown = line, shown

    def take(self, tutorial: Tutorial) -> None:
        """What the page shows below a command is what it prints."""
        program, *arguments = shlex.split(self.line)
        if program in ("pip", "npm"):
            return  # what they install is there already
        assert program == "python"
        printed = tutorial.run(*arguments)
        assert self.shown in ("", printed)


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _steps(page: str) -> Iterator[_File | _Command]:
    for language, body in BLOCK.findall(page):
        if language == "console":
            for line, shown in re.findall(r"^\$ (.*)\n((?:^[^$].*\n)*)", body, re.MULTILINE):
                yield _Command(line, shown)
        elif place := PLACE.match(body):
            yield _File(place[1], place[2] is not None, body[place.end() :])
