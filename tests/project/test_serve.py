"""`make serve`: the whole product behind nginx from nothing, and its rolling restart."""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from clinical.management.commands.seed_demo import PASSWORD
from tests.project.run import Run

SERVE = (sys.executable, "-m", "config.run", "serve")
HANDSHAKE = '{"protocol":"json","version":1}\x1e'

Serve = Callable[..., Run]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`run = serve(SERVER="uvicorn")`: ready when it returns, gone when the test ends."""
    # Not pytest's own folder: PostgreSQL runs as a user without rights, to whom that is closed.
    with TemporaryDirectory(prefix="serve-") as folder:
        Path(folder).chmod(0o755)
        started: list[Run] = []

        def start(**environment: str) -> Run:
            run = Run(Path(folder), command=SERVE, environment=environment)
            started.append(run)
            run.wait_until_ready(timeout=120)
            return run

        yield start
        for run in started:
            run.kill()


def bearer(client: httpx.Client) -> dict[str, str]:
    answer = client.post("/api/token/", json={"username": "nurse.icu", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access']}"}


def negotiated(client: httpx.Client, headers: Mapping[str, str]) -> dict[str, Any]:
    answer = client.post("/hubs/clinical/negotiate?negotiateVersion=1", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.long
def test_it_serves_from_an_empty_folder_and_ctrl_c_leaves_nothing(serve: Serve) -> None:
    run = serve()
    parts = " ".join(run.processes().values())
    assert all(part in parts for part in ("nginx", "daphne", "postgres", "valkey-server", "simulate_ward"))
    assert parts.count("daphne") == 2
    assert f"http://127.0.0.1:{run.port}" in run.text.strip().splitlines()[-1]
    assert "nurse.icu" in run.text
    with httpx.Client(base_url=f"http://127.0.0.1:{run.port}") as client:
        assert "password" in client.get("/login/").text
        assert client.get("/static/signalr/signalr.js").status_code == 200
        found = negotiated(client, bearer(client))
    address = f"ws://127.0.0.1:{run.port}/hubs/clinical?id={found['connectionToken']}"
    with connect(f"{address}&access_token={found['accessToken']}", proxy=None) as socket:
        socket.send(HANDSHAKE)
        assert socket.recv(timeout=10) == "{}\x1e"
    assert run.press_ctrl_c() == 0
    assert run.processes() == {}
    written = (run.var / "log" / "nginx-access.log").read_text()
    assert '"GET /hubs/clinical"' in written
    assert found["accessToken"] not in written
    assert "Traceback" not in run.text
