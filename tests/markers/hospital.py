"""A worker behind nginx as deploy/ has it, at its most talkative, and everything that both of them write."""

import http.client
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config.run import commands, nginx
from config.run.answers import http_answers
from config.run.plan import Plan, free_port
from config.run.processes import Process
from tests.hostile.raw import Answer
from tests.servers import Kind, Server, Site, open_site

APPLICATION = "tests.markers.asgi:application"
START_TIMEOUT = 20.0


@dataclass
class Hospital:
    """Its ports, and its outputs by name."""

    site: Site
    front: int  # nginx
    listener: "Listener"
    pages: dict[str, str] = field(default_factory=dict)

    @property
    def worker(self) -> int:
        return self.site.workers[0].port

    def note(self, name: str, answer: Answer) -> None:
        """An error page is an output too; of two that are alike one is kept."""
        if answer.status >= 400:
            self.pages[f"page {name}: {answer.status}"] = answer.text

    def outputs(self) -> dict[str, str]:
        files = [*self.site.directory.glob("*.log"), *self.site.directory.rglob("log/*"), *self._mails()]
        written = {
            str(path.relative_to(self.site.directory)): path.read_text(encoding="utf-8", errors="replace")
            for path in files
        }
        return written | self.pages | self._probes() | {"redis": self.listener.text}

    def _mails(self) -> list[Path]:
        return list((self.site.directory / "mails").glob("*"))

    def _probes(self) -> dict[str, str]:
        found = {}
        for path in ("/metrics", "/healthz", "/readyz"):
            connection = http.client.HTTPConnection("127.0.0.1", self.worker, timeout=20)
            connection.request("GET", path)
            found[path] = connection.getresponse().read().decode()
            connection.close()
        return found


class Listener:
    """Hears every command that Redis gets, as somebody who has broken into it would."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.sendall(b"MONITOR\r\n")
        self._heard = bytearray()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        return self._heard.decode("utf-8", "replace")

    def _listen(self) -> None:
        while chunk := self._socket.recv(65_536):
            self._heard += chunk

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()


@contextmanager
def opened(directory: Path, seeded: Path, kind: Kind) -> Iterator[Hospital]:
    front = free_port()
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.markers.settings",
        "LOG_JSON": "yes",
        "ORIGINS": f"http://127.0.0.1:{front}",
    }
    site = open_site(directory, seeded, workers=0, environment=environment)
    try:
        worker = Worker(f"worker-{kind}", directory, site.environment, kind=kind)
        site.workers.append(worker)
        worker.start()
        listener = Listener(site.valkey.port)
        process = _start_nginx(directory, front, worker.port)
        try:
            yield Hospital(site, front, listener)
        finally:
            process.end()
            listener.close()
    finally:
        site.close()


class Worker(Server):
    """Daphne as a careless operator would start it, with its access log."""

    def command(self) -> list[str]:
        if self.kind == "uvicorn":
            return [sys.executable, "-m", "hubs.uvicorn", "--port", str(self.port), APPLICATION]
        options = ["--verbosity", "1", "--proxy-headers"]
        return commands.daphne("127.0.0.1", self.port, options, application=APPLICATION)


def _start_nginx(directory: Path, port: int, worker: int) -> Process:
    for name in ("log", "nginx"):
        (directory / name).mkdir(exist_ok=True)
    plan = Plan("127.0.0.1", port, None, None, None, "0", "daphne", 1, directory)
    log = directory / "log" / "nginx.log"
    process = Process("nginx", commands.nginx(nginx.write(plan, [worker]), log), log=log)
    deadline = time.monotonic() + START_TIMEOUT
    while not http_answers("127.0.0.1", port):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)
    return process
