"""Runs a command on a fresh PostgreSQL: `python -m tests.on_postgres pytest tests/...`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers import Postgres


def main(command: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        postgres = Postgres("postgres", Path(folder))
        try:
            postgres.start()
            return subprocess.call(command, env={**os.environ, "DATABASE_URL": postgres.url})
        finally:
            postgres.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
