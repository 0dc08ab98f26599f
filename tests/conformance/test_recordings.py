import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.process import conformance_server

HERE = Path(__file__).parent
TRANSCRIPTS = HERE / "transcripts"
PASSING = (HERE / "passing.txt").read_text().split()
SERVERS = {"daphne": ["--upgrade-403"], "uvicorn": []}


def recording(name: str) -> dict[str, Any]:
    script: dict[str, Any] = json.loads((TRANSCRIPTS / f"{name}.json").read_text())
    return script


def is_slow(name: str) -> bool:
    return bool(recording(name).get("slow"))


def is_stateful(name: str) -> bool:
    return any(step.get("stateful") or step.get("resumed") for step in recording(name)["steps"])


def failures(address: str, names: list[str], *options: str) -> list[str]:
    """Replays the recordings; the differences that were found, one line each."""
    paths = [str(TRANSCRIPTS / f"{name}.json") for name in names]
    command = [sys.executable, str(HERE / "replay.py"), address, *paths, "--slow", "--patience", "3"]
    replay = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    lines = replay.stdout.splitlines()
    assert lines, replay.stderr
    assert len(lines) == len(names) + 1
    return [line for line in lines[:-1] if not line.startswith("ok ")]


def test_list_of_passing_recordings_is_sorted_and_names_recordings_only() -> None:
    assert sorted(set(PASSING)) == PASSING
    assert {path.stem for path in TRANSCRIPTS.glob("*.json")} >= set(PASSING)


def test_uvicorn_answers_as_recorded() -> None:
    names = [name for name in PASSING if not is_slow(name)]
    with conformance_server("uvicorn") as address:
        assert failures(address, names) == []


@pytest.mark.long
def test_uvicorn_keeps_the_recorded_times() -> None:
    with conformance_server("uvicorn") as address:
        assert failures(address, [name for name in PASSING if is_slow(name)]) == []


@pytest.mark.long
def test_daphne_answers_as_recorded() -> None:
    with conformance_server("daphne") as address:
        assert failures(address, PASSING, *SERVERS["daphne"]) == []


@pytest.mark.long
@pytest.mark.parametrize("server", SERVERS)
def test_two_workers_behind_nginx_answer_as_recorded(server: str) -> None:
    with conformance_server(server, workers=2) as address:
        assert failures(address, PASSING, *SERVERS[server]) == []


@pytest.mark.long
@pytest.mark.parametrize("server", SERVERS)
def test_two_workers_in_turn_answer_as_recorded(server: str) -> None:
    # Only a lost socket must come back to its own worker.
    names = [name for name in PASSING if not is_stateful(name)]
    assert len(names) > 200
    with conformance_server(server, "--round-robin", workers=2) as address:
        assert failures(address, names, *SERVERS[server]) == []
