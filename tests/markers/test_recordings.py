"""The recordings, with marks for their commonest argument and in their tokens: nothing of them in any log."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conformance.process import ROOT
from tests.conformance.test_recordings import HERE, PASSING, SERVERS, TRANSCRIPTS, is_slow
from tests.markers.marks import Marks

SPOKEN = "still here"  # what the recordings say most often


@contextmanager
def talkative_server(kind: str, logs: Path) -> Iterator[str]:
    """The conformance server behind nginx with everything at DEBUG; what it writes is in the folder."""
    command = [
        sys.executable,
        "-m",
        "tests.conformance.server",
        "--port",
        "0",
        "--workers",
        "2",
        "--server",
        kind,
    ]
    environment = {
        **os.environ,
        "CONFORMANCE_SETTINGS": "tests.markers.conformance",
        "CONFORMANCE_LOGS": str(logs),
    }
    with (
        (logs / "workers.log").open("w") as stderr,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as process,
    ):
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def marked(folder: Path, marks: Marks) -> list[str]:
    """Copies of the recordings with marks in them."""
    argument, claim = marks.new("argument"), marks.new("claim")
    paths = []
    for name in PASSING:
        if not is_slow(name):
            text = (TRANSCRIPTS / f"{name}.json").read_text(encoding="utf-8").replace(SPOKEN, argument)
            for kind in ("token", "token_expired", "token_bad_signature", "token_alg_none"):
                text = text.replace(f"{{{kind}}}", f"{{{kind}:jti={claim}}}").replace(
                    f"{{{kind}:", f"{{{kind}:jti={claim},"
                )
            path = folder / f"{name}.json"
            path.write_text(text, encoding="utf-8")
            paths.append(str(path))
    return paths


@pytest.mark.long
@pytest.mark.parametrize("kind", SERVERS)
def test_UQ_4_LG_2_no_log_has_a_piece_of_a_recording(kind: str, tmp_path: Path) -> None:
    marks, logs, recordings = Marks(), tmp_path / "logs", tmp_path / "recordings"
    logs.mkdir()
    recordings.mkdir()
    paths = marked(recordings, marks)
    with talkative_server(kind, logs) as address:
        command = [
            sys.executable,
            str(HERE / "replay.py"),
            address,
            *paths,
            "--patience",
            "5",
            *SERVERS[kind],
        ]
        replayed = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    assert len([line for line in replayed if line.startswith("ok ")]) > len(paths) * 0.95, replayed
    written = {path.name: path.read_text(encoding="utf-8", errors="replace") for path in logs.iterdir()}
    assert '"event": "action failed"' in written["workers.log"]
    assert '"GET /hubs/echo" 101' in written["access.log"]
    assert marks.leaks(written) == set()
