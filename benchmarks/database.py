"""A migrated database file for the servers under measurement."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def migrated() -> Iterator[dict[str, str]]:
    """The environment in which a server finds the database."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        environment = {
            "PYTHONWARNINGS": "ignore",
            "WARDLINE_VAR": folder,
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        }
        command = [sys.executable, "manage.py", "migrate", "--skip-checks", "--verbosity", "0"]
        subprocess.run(command, env={**os.environ, **environment}, check=True)
        yield environment


@contextmanager
def copied(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The same with a database of its own: servers that share one are workers of one site."""
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        shutil.copytree(environment["WARDLINE_VAR"], folder, dirs_exist_ok=True)
        yield {**environment, "WARDLINE_VAR": folder}
