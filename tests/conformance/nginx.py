"""nginx in front of several workers, as deploy/nginx.conf has it, but for one machine and without TLS."""

import os
import shutil
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from config.run.nginx import PLAIN_SERVER, TEMPORARY, WORKERS, substituted

CONNECTIONS = 4096  # two a socket
HASH = r"    hash \$wardline_worker consistent;\n"
BLOCK = r" \{\n(?:.*\n)*?"


def find() -> str | None:
    """The program; Debian puts it where an ordinary user's PATH does not look."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def start(
    program: str, directory: Path, listener: socket.socket, workers: Sequence[str], *, hashes: bool
) -> subprocess.Popen[bytes]:
    """Serves what arrives at the listening socket, which nginx inherits as it does when it is upgraded."""
    host, port = listener.getsockname()[:2]
    text = configuration(directory, f"{host}:{port}", workers, hashes=hashes)
    path = directory / "nginx.conf"
    path.write_text(text, encoding="utf-8")
    descriptor = listener.fileno()
    return subprocess.Popen(
        [program, "-c", str(path), "-e", str(directory / "nginx.log"), "-g", "daemon off;"],
        env={"NGINX": f"{descriptor};"},
        pass_fds=[descriptor],
    )


def configuration(directory: Path, address: str, workers: Sequence[str], *, hashes: bool) -> str:
    """deploy/nginx.conf with hubs at every path; without its hash, requests go to the workers in turn."""
    logs = os.environ.get("CONFORMANCE_LOGS")
    changes = {
        WORKERS: "".join(f"server {each} max_fails=0;\n" for each in workers),
        PLAIN_SERVER: "",
        r"listen 443 ssl;": f"listen {address};",
        r"    ssl_\w+ .*\n": "",
        r"access_log /.*;": f"access_log {logs}/access.log wardline;" if logs else "access_log off;",
        r"error_log .*;": f"error_log {logs or directory}/error.log crit;",
        rf"    location /{BLOCK}    \}}\n": "",
        rf"    location /static/{BLOCK}    \}}\n": "",
        r"location /hubs/ ": "location / ",
    }
    if not hashes:
        changes[HASH] = ""
    text = substituted(changes)
    paths = "".join(f"{kind}_temp_path {directory}/{kind};\n" for kind in TEMPORARY)
    main = f"user root;\npid {directory}/nginx.pid;\nevents {{ worker_connections {CONNECTIONS}; }}\n"
    return f"{main}http {{\n{paths}{text}}}\n"
