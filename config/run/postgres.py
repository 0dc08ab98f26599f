"""A PostgreSQL of our own in a folder: making its data, the command that runs it, and its URL."""

import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path

from config.run.errors import CannotRun

USER = DATABASE = "wardline"
# PostgreSQL refuses to run as root, so root lends it to the first of these that the machine knows.
UNPRIVILEGED = ("postgres", "nobody")


def create(directory: Path) -> None:
    """Makes data folder, password and database, where they do not exist yet.

    As root, `directory` and all above it must let others in: PostgreSQL runs as a user without rights.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if (directory / "created").exists():
        return
    shutil.rmtree(directory / "data", ignore_errors=True)  # what an interrupted attempt left
    password = directory / "password"
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24), encoding="ascii")
    if os.geteuid() == 0:
        account = pwd.getpwnam(_account())
        for path in (directory, password):
            os.chown(path, account.pw_uid, account.pw_gid)
    _finish("initdb", _initdb_options(directory))
    # Without a server: the one that is started later finds the database there.
    single = ["--single", "-D", str(directory / "data"), "postgres"]
    _finish("postgres", single, given=f'CREATE DATABASE "{DATABASE}";\n')
    (directory / "created").touch()


def command(directory: Path, port: int, *options: str) -> list[str]:
    """For this machine only. SIGINT ends it at once and cleanly; SIGTERM waits for clients to leave."""
    return [
        *(*_as_user(), _binary("postgres")),
        *("-D", str(directory / "data"), "-p", str(port)),
        *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="),
        *(word for option in options for word in ("-c", option)),
    ]


def url(directory: Path, port: int) -> str:
    password = (directory / "password").read_text(encoding="ascii")
    return f"postgres://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"


def _initdb_options(directory: Path) -> list[str]:
    return [
        *("-D", str(directory / "data"), "--encoding", "UTF8", "--locale", "C.UTF-8"),
        *("--username", USER, "--auth", "scram-sha-256", "--pwfile", str(directory / "password")),
    ]


def _binary(name: str) -> str:
    """Debian keeps the binaries of each version out of the PATH; the newest is taken."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    folders = [os.environ.get("PATH", ""), *map(str, reversed(versions))]
    if found := shutil.which(name, path=os.pathsep.join(folders)):
        return found
    raise CannotRun("PostgreSQL is missing: install the package postgresql.")


def _as_user() -> list[str]:
    """The words before a command that give root's rights away, without a process between."""
    if os.geteuid() != 0:
        return []
    user = _account()
    return ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups", "--"]


def _account() -> str:
    known = {account.pw_name for account in pwd.getpwall()}
    for name in UNPRIVILEGED:
        if name in known:
            return name
    raise CannotRun("PostgreSQL does not run as root: make a user named postgres, or run as another user.")


def _finish(name: str, options: list[str], given: str = "") -> None:
    done = subprocess.run(  # noqa: S603 - every command is built from our own constants
        [*_as_user(), _binary(name), *options],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise CannotRun(f"PostgreSQL's data folder cannot be made; {name} said: {said[-1]}")
