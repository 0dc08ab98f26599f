"""deploy/nginx.conf for this machine: other paths and ports, and no TLS, for want of a certificate."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from config.run.plan import BASE_DIR, Plan

CONFIGURATION = BASE_DIR / "deploy" / "nginx.conf"
CONNECTIONS = 8192  # two a socket: one to the browser, one to the worker
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
TYPES = "types { text/javascript js; text/css css; image/svg+xml svg; image/png png; font/woff2 woff2; }"

WORKERS = r"( +server 127\.0\.0\.1:)\d+([^;]*;\n)(?: +server 127\.0\.0\.1:.*;\n)*"
PLAIN_SERVER = r"(?m)^server \{\n    listen 80;\n(?:.*\n)*?\}\n\n"


def write(plan: Plan, ports: Sequence[int]) -> Path:
    """The path of the configuration, written into the data folder."""
    var = plan.var.resolve()
    changes = {
        # Each worker has the options of the first.
        WORKERS: "".join(rf"\g<1>{port}\g<2>" for port in ports),
        PLAIN_SERVER: "",
        r"listen 443 ssl;": f"listen {_address(plan)};",
        r"    ssl_\w+ .*\n": "",
        r"/var/log/nginx/wardline": f"{var}/log/nginx-access",
        r"/var/lib/wardline/static/": f"{var}/static/",
    }
    path = var / "nginx.conf"
    path.write_text(
        f"{_main(var)}http {{\n{TYPES}\n{_paths(var)}{substituted(changes)}}}\n", encoding="utf-8"
    )
    return path


def substituted(changes: dict[str, str]) -> str:
    """deploy/nginx.conf with every pattern replaced; LookupError for one that is not in it."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    for pattern, replacement in changes.items():
        text, count = re.subn(pattern, replacement, text)
        if not count:
            raise LookupError(f"deploy/nginx.conf has no {pattern}")
    return text


def _address(plan: Plan) -> str:
    return f"[{plan.address}]:{plan.port}" if ":" in plan.address else f"{plan.address}:{plan.port}"


def _main(var: Path) -> str:
    """Root's data folder may be closed to the user whom nginx would take otherwise."""
    user = "user root;\n" if os.geteuid() == 0 else ""
    return (
        f"{user}pid {var}/nginx.pid;\nworker_rlimit_nofile {2 * CONNECTIONS};\n"
        f"events {{ worker_connections {CONNECTIONS}; }}\n"
    )


def _paths(var: Path) -> str:
    return "".join(f"{kind}_temp_path {var}/nginx/{kind};\n" for kind in TEMPORARY)
