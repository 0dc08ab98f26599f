"""`make serve`: the whole product behind nginx from nothing, and its rolling restart."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from clinical.management.commands.seed_demo import PASSWORD
from config.run import restart
from config.run.errors import CannotRun
from config.run.plan import plan_from
from tests.project import transports
from tests.project.crowd import HANDSHAKE, NEGOTIATE, Crowd
from tests.project.run import Run, wait_for

HASH = "    hash $wardline_worker consistent;\n"
SERVE = (sys.executable, "-m", "config.run", "serve")

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
    answer = client.post(NEGOTIATE, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.long
def test_it_serves_from_an_empty_folder_and_ctrl_c_leaves_nothing(serve: Serve) -> None:
    run = serve()
    parts = " ".join(run.processes().values())
    assert all(
        part in parts
        for part in ("nginx", "daphne", "postgres", "valkey-server", "run_timers", "simulate_ward")
    )
    assert parts.count("daphne") == 2
    assert f"http://127.0.0.1:{run.port}" in run.text.strip().splitlines()[-1]
    assert "nurse.icu" in run.text
    with httpx.Client(base_url=f"http://127.0.0.1:{run.port}", timeout=60) as client:
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


@pytest.mark.long
@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
def test_every_transport_works_when_each_request_goes_to_the_next_worker(serve: Serve, server: str) -> None:
    run = serve(SERVER=server)
    forget_connections(run)
    with httpx.Client(base_url=f"http://127.0.0.1:{run.port}", timeout=60) as client:
        headers = bearer(client)
        for calls in (transports.over_a_socket, transports.over_events, transports.over_polls):
            for _ in range(3):
                found = negotiated(client, headers)
                query = f"id={found['connectionToken']}&access_token={found['accessToken']}"
                received = calls(client, f"/hubs/clinical?{query}")
                assert received.count('"type":3') == transports.CALLS
                assert '"error"' not in received


def forget_connections(run: Run) -> None:
    """Has nginx take the workers in turn, whatever id a request names."""
    path = run.var / "nginx.conf"
    text = path.read_text(encoding="utf-8")
    assert HASH in text
    path.write_text(text.replace(HASH, ""), encoding="utf-8")
    before = nginx_workers(run)
    os.kill(int((run.var / "nginx.pid").read_text()), signal.SIGHUP)
    wait_for(lambda: nginx_workers(run) != before and len(nginx_workers(run)) == len(before))


def nginx_workers(run: Run) -> set[int]:
    return {pid for pid, command in run.processes().items() if command.startswith("nginx: worker process ")}


@pytest.mark.long
@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
async def test_a_rolling_restart_fails_no_request_and_sends_every_client_away_spread_over_the_time(
    serve: Serve, server: str
) -> None:
    run = await asyncio.to_thread(serve, SERVER=server, DRAIN_SECONDS="5")
    before = workers(run, server)
    url = f"http://127.0.0.1:{run.port}"
    with httpx.Client(base_url=url, timeout=60) as client:
        crowd = Crowd(url, bearer(client))
    async with crowd.at_work(screens=20, others=3):
        result = await asyncio.to_thread(restart.ask, run.var)
        assert result == restart.DONE
    assert crowd.failures == []
    # Whoever is told never comes to that worker again: once a worker at the most.
    assert 20 <= len(crowd.goodbyes) <= 2 * 20
    assert max(crowd.goodbyes) - min(crowd.goodbyes) > 5
    assert min(crowd.reads, crowd.posts) > 50
    assert not before & workers(run, server)


def workers(run: Run, server: str) -> set[int]:
    return {
        pid for pid, command in run.processes().items() if server in command and "config.run" not in command
    }


@pytest.mark.long
def test_a_worker_that_does_not_come_back_ends_the_rolling_restart_and_the_other_serves_on(
    serve: Serve,
) -> None:
    run = serve(DRAIN_SECONDS="0")
    before = workers(run, "daphne")
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(restart.ask, run.var)
        wait_for(lambda: bool(workers(run, "daphne") - before))
        (fresh,) = workers(run, "daphne") - before
        os.kill(fresh, signal.SIGKILL)
        assert "worker-1 has ended with exit code -9" in asked.result()
    assert run.process.poll() is None
    assert httpx.get(f"http://127.0.0.1:{run.port}/login/", timeout=60).status_code == 200
    assert restart.ask(run.var) == restart.DONE
    assert len(workers(run, "daphne")) == 2


def test_a_restart_of_nothing_is_one_sentence(tmp_path: Path) -> None:
    assert restart.ask(tmp_path).startswith("Nothing is running that could be restarted")
    (tmp_path / "pid").write_text("999999999")
    assert restart.ask(tmp_path).startswith("Nothing is running that could be restarted")


@pytest.mark.parametrize("server", ["gunicorn", "Daphne"])
def test_an_unknown_server_is_one_sentence(server: str) -> None:
    with pytest.raises(CannotRun, match=f"^SERVER must be daphne or uvicorn, not '{server}'.$"):
        plan_from({"SERVER": server}, serving=True)
