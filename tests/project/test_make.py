"""The set-up: it says in one sentence what the machine lacks, and needs nothing else from a fresh clone."""

import os
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.project.run import Run
from tests.project.sources import ROOT


def test_a_missing_npm_is_one_sentence_before_anything_is_installed(tmp_path: Path) -> None:
    said = make_run(tmp_path, tools=["sh", "make", "python3"])
    assert said[0] == "npm is missing: install Node.js 20 or later, which brings it."
    assert said[1:] == ["make: *** [Makefile:LINE: node_modules/.package-lock.json] Error 1"]
    assert not (tmp_path / ".venv").exists()


def test_an_old_node_is_one_sentence(tmp_path: Path) -> None:
    folder = tools_folder(tmp_path, ["sh", "make", "npm"])
    (folder / "node").write_text("#!/bin/sh\nexit 1\n")
    (folder / "node").chmod(0o755)
    assert make_run(tmp_path, tools=[])[0] == "Node.js is too old: install version 20 or later."


def test_a_missing_python_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / ".package-lock.json").touch()
    said = make_run(tmp_path, tools=["sh", "make"])
    assert said[0].startswith("Python 3.11 with its venv module is missing: install it")
    assert len(said) == 2


@pytest.mark.long
def test_a_fresh_clone_runs_with_nothing_else(tmp_path: Path) -> None:
    """Empty caches, no home: all that `make run` needs is what git has and the registries serve."""
    clone, home, var = tmp_path / "clone", tmp_path / "home", tmp_path / "var"
    home.mkdir()
    var.mkdir()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    run = Run(var, command=["make", "run"], directory=clone, environment={"HOME": str(home)})
    try:
        run.wait_until_ready(timeout=240)
        with urllib.request.urlopen(f"http://127.0.0.1:{run.port}/", timeout=30) as page:
            assert page.url.endswith("/login/?next=/")
        run.press_ctrl_c()
        assert run.processes() == {}
    finally:
        run.kill()
    assert "Traceback" not in run.text


def make_run(folder: Path, tools: list[str]) -> list[str]:
    """What `make run` says in a fresh copy where only these tools exist; make turns every failure into 2."""
    for name in ("package.json", "package-lock.json", "requirements.txt", "Makefile"):
        shutil.copyfile(ROOT / name, folder / name)
        os.utime(folder / name, (0, 0))
    path = tools_folder(folder, tools)
    make = shutil.which("make")
    assert make is not None
    done = subprocess.run(
        [make, "run"], cwd=folder, env={"PATH": str(path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    return [re.sub(r"Makefile:\d+", "Makefile:LINE", line) for line in done.stderr.splitlines()]


def tools_folder(folder: Path, tools: list[str]) -> Path:
    path = folder / "bin"
    path.mkdir(exist_ok=True)
    for tool in tools:
        found = shutil.which(tool)
        assert found is not None
        (path / tool).symlink_to(found)
    return path
