import os
import subprocess
from pathlib import Path

import pytest

from tests.conformance.process import ROOT, conformance_server
from tests.faults.server import conformance_server as server_with

HERE = Path(__file__).parent


def run(script: str, address: str) -> None:
    tests = subprocess.run(
        ["node", "--test", str(HERE / script)],
        cwd=ROOT,
        env={**os.environ, "HUBS_ADDRESS": address},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout + tests.stderr


@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
def test_stock_client_in_node_is_served(server: str) -> None:
    with conformance_server(server) as address:
        run("client.test.js", address)


@pytest.mark.parametrize(
    ("server", "workers"),
    [
        ("daphne", 1),
        pytest.param("uvicorn", 1, marks=pytest.mark.long),
        pytest.param("daphne", 2, marks=pytest.mark.long),
        pytest.param("uvicorn", 2, marks=pytest.mark.long),
    ],
)
def test_stock_client_in_node_finds_what_the_contract_promises(server: str, workers: int) -> None:
    with conformance_server(server, workers=workers) as address:
        run("contract.test.js", address)


@pytest.mark.long
@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
def test_UQ_2_the_stock_client_falls_back_with_its_ticket_which_is_then_used_up(
    server: str, tmp_path: Path
) -> None:
    with server_with(server, tmp_path / "server.log", {"QUERY_TOKEN": "ticket"}) as running:
        run("fallback.test.js", running.address)
