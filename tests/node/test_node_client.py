import os
import subprocess
from pathlib import Path

import pytest

from tests.conformance.process import ROOT, conformance_server

HERE = Path(__file__).parent


@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
def test_stock_client_in_node_is_served(server: str) -> None:
    with conformance_server(server) as address:
        tests = subprocess.run(
            ["node", "--test", str(HERE / "client.test.js")],
            cwd=ROOT,
            env={**os.environ, "HUBS_ADDRESS": address},
            capture_output=True,
            text=True,
            check=False,
        )
    assert tests.returncode == 0, tests.stdout + tests.stderr
