"""`make run`: one address, one sentence where it cannot, and nothing left behind."""

import os
import shutil
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from config.run.plan import free_port
from tests.project.run import START_TIMEOUT, Run, wait_for
from tests.servers import Valkey


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[list[Run]]:
    """Put a run in here and it does not outlive the test."""
    started: list[Run] = []
    yield started
    for run in started:
        run.kill()


def test_it_says_the_address_and_the_logins_and_ctrl_c_leaves_nothing(
    tmp_path: Path, runs: list[Run]
) -> None:
    run = Run(tmp_path)
    runs.append(run)
    run.wait_until_ready()
    words = run.text
    assert f"http://127.0.0.1:{run.port}" in words.strip().splitlines()[-1]
    assert "nurse.icu" in words
    assert "wardline-demo" in words
    parts = " ".join(run.processes().values())
    assert all(part in parts for part in ("valkey-server", "daphne", "run_timers", "simulate_ward")), parts
    assert run.press_ctrl_c() == 0
    assert run.processes() == {}


def test_a_second_run_is_quick_and_keeps_the_data(
    tmp_path: Path, seeded: Path, valkey: Valkey, runs: list[Run]
) -> None:
    shutil.copy(seeded / "wardline.sqlite3", tmp_path)
    before = _patients(tmp_path)
    run = Run(tmp_path, environment={"REDIS_URL": valkey.url})
    runs.append(run)
    began = time.monotonic()
    run.wait_until_ready()
    assert time.monotonic() - began < 30
    run.press_ctrl_c()
    assert _patients(tmp_path) == before
    assert len(before) == 40


def _patients(folder: Path) -> list[tuple[str]]:
    with sqlite3.connect(folder / "wardline.sqlite3") as database:
        return database.execute("SELECT id FROM clinical_patient ORDER BY id").fetchall()


def test_the_redis_of_the_environment_is_used_and_none_is_started(
    tmp_path: Path, valkey: Valkey, runs: list[Run]
) -> None:
    with Redis.from_url(valkey.url) as redis:
        redis.config_resetstat()
        run = Run(tmp_path, environment={"REDIS_URL": valkey.url})
        runs.append(run)
        run.wait_until_ready()
        assert "valkey-server" not in " ".join(run.processes().values())
        wait_for(lambda: "cmdstat_publish" in redis.info("commandstats"))
    run.process.terminate()
    assert run.process.wait(START_TIMEOUT) == 0
    assert run.processes() == {}


@pytest.mark.parametrize(("part", "name"), [("daphne", "server"), ("valkey-server", "valkey")])
def test_when_one_part_dies_the_others_end_and_it_says_so(
    tmp_path: Path, runs: list[Run], part: str, name: str
) -> None:
    run = Run(tmp_path)
    runs.append(run)
    run.wait_until_ready()
    os.kill(run.pid_of(part), signal.SIGKILL)
    assert run.process.wait(START_TIMEOUT) == 1
    assert f"The {name} has ended with exit code -9" in run.text
    assert "Traceback" not in run.text
    assert run.processes() == {}


def test_ctrl_c_while_it_starts_leaves_nothing(tmp_path: Path, runs: list[Run]) -> None:
    run = Run(tmp_path)
    runs.append(run)
    wait_for(lambda: "config.run.prepare" in " ".join(run.processes().values()))
    assert run.press_ctrl_c() == 0
    assert run.processes() == {}
    assert "Traceback" not in run.text


def test_a_busy_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        (sentence,) = refused(tmp_path, PORT=str(port))
    reason = f"Port {port} of 127.0.0.1 cannot be used (Address already in use)"
    assert sentence == f"{reason}: choose another with PORT=8001."


def test_an_unreachable_redis_is_one_sentence_that_does_not_repeat_its_password(tmp_path: Path) -> None:
    (sentence,) = refused(tmp_path, REDIS_URL=f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    assert sentence.startswith("REDIS_URL cannot be reached")
    assert "hunter2" not in sentence


@pytest.mark.parametrize("url", ["nonsense", "redis://no-such-host.invalid/0", "redis://127.0.0.1:port/0"])
def test_a_wrong_redis_url_is_one_sentence(tmp_path: Path, url: str) -> None:
    (sentence,) = refused(tmp_path, REDIS_URL=url)
    assert sentence.startswith("REDIS_URL cannot be")


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "\uff18\uff10"])
def test_a_port_that_is_none_is_one_sentence(tmp_path: Path, port: str) -> None:
    assert refused(tmp_path, PORT=port) == [f"PORT must be a number from 1 to 65535, not {port!r}."]


def refused(var: Path, **environment: str) -> list[str]:
    """What a run says that ends by itself, with exit code 1."""
    run = Run(var, environment=environment)
    assert run.process.wait(START_TIMEOUT) == 1
    assert run.processes() == {}
    return run.text.splitlines()
