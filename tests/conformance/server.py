"""Serves the recorded hubs and the contract's: `python -m tests.conformance.server --port N`."""

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from tests.conformance import nginx
from tests.servers import Valkey

APPLICATION = "tests.conformance.asgi:application"
SETTINGS = "tests.conformance.settings"
SERVERS = {
    "uvicorn": ["hubs.uvicorn"],
    "daphne": ["daphne", "--verbosity", "0"],
}
BACKLOG = 512
HOST = "127.0.0.1"


def main() -> int:
    options = _options()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _exit)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="conformance-")))
        os.environ["CONFORMANCE_DATABASE"] = str(directory / "hubs.sqlite3")
        os.environ["CONFORMANCE_REDIS_URL"] = _valkey(directory, stack)
        # Signs the contract's tokens: new at each start, the same for all workers.
        os.environ["CONFORMANCE_TOKEN_KEY"] = secrets.token_hex(32)
        os.environ["DJANGO_SETTINGS_MODULE"] = os.environ.get("CONFORMANCE_SETTINGS", SETTINGS)
        _migrate()
        listener = _listen(options.port, stack)
        program = nginx.find() if options.workers > 1 else None
        if program is None:
            # Without nginx all workers accept from the same socket; one is as good as the other.
            workers = [listener] * options.workers
        else:
            workers = [_listen(0, stack) for _ in range(options.workers)]
        processes = [_start(options.server, each, stack) for each in workers]
        if program is not None:
            addresses = [f"{HOST}:{each.getsockname()[1]}" for each in workers]
            front = nginx.start(program, directory, listener, addresses, hashes=not options.round_robin)
            stack.callback(_stop, front)
            processes.append(front)
        sys.stdout.write(f"http://{HOST}:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        return _wait(processes)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serve the recorded and the contract's hubs.")
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one; it is printed")
    parser.add_argument("--server", choices=sorted(SERVERS), default="daphne")
    parser.add_argument("--workers", type=int, default=1, help="processes, behind nginx if more than one")
    parser.add_argument("--round-robin", action="store_true", help="have nginx choose workers in turn")
    return parser.parse_args()


def _valkey(directory: Path, stack: ExitStack) -> str:
    """The URL of a Valkey that lives as long as this server."""
    valkey = Valkey("valkey", directory)
    stack.callback(valkey.close)
    valkey.start()
    return valkey.url


def _migrate() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _listen(port: int, stack: ExitStack) -> socket.socket:
    return stack.enter_context(socket.create_server((HOST, port), backlog=BACKLOG))


def _start(server: str, listener: socket.socket, stack: ExitStack) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", *SERVERS[server], "--fd", str(listener.fileno()), APPLICATION]
    worker = subprocess.Popen(command, pass_fds=[listener.fileno()])
    stack.callback(_stop, worker)
    return worker


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait(processes: list[subprocess.Popen[bytes]]) -> int:
    """Until one of them has ended by itself, which is a failure."""
    ended = threading.Event()

    def watch(process: subprocess.Popen[bytes]) -> None:
        process.wait()
        ended.set()

    for process in processes:
        threading.Thread(target=watch, args=[process], daemon=True).start()
    ended.wait()
    return 1


def _exit(number: int, frame: FrameType | None) -> None:
    """Ends the process by way of its clean-up, wherever it is."""
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
