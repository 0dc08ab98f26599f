"""Runs every benchmark, one after the other, and writes what they print into docs/benchmarks.md."""

import argparse
import itertools
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

REPORT = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
# In this order; `soak` is for an hour by hand.
BENCHMARKS = {
    "fanout": "A publication to a group",
    "feeds": "An event of a feed",
    "connect": "A connection",
    "memory": "An idle socket",
    "invoke": "A call, there and back",
    "dispatch": "Own code of a call",
    "storm": "Everybody drops and returns",
    "latency": "From commit to screen",
    "slow": "Slow readers",
    "revocation": "From a withdrawal to its effect",
    "refusals": "Bad tokens",
    "board": "Pages of a ward",
}
# Seconds for one of them, 15 minutes for the fan-out; the others are worth their report all the same.
PATIENCE = 1_200.0
PACKAGES = [
    "django",
    "channels",
    "channels-redis",
    "redis",
    "daphne",
    "uvicorn",
    "websockets",
    "python-socketio",
]


def machine() -> str:
    names = (
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    )
    cores = len(os.sched_getaffinity(0))
    return f"{next(names, platform.machine())}, {cores} cores, Linux {platform.release()}"


def versions() -> str:
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607 - the node of the path is the one that is measured
    packages = [f"{name} {version(name)}" for name in PACKAGES]
    return ", ".join([f"Python {platform.python_version()}", *packages, f"Node {node}"])


def measured(name: str, options: Sequence[str]) -> str:
    """What the benchmark prints; what it says on the way stays on the terminal."""
    print(f"{name} ...", end=" ", file=sys.stderr, flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", f"benchmarks.{name}", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            output, _ = running.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            running.terminate()  # which ends what it has started, too
            output, _ = running.communicate()
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    if running.returncode:
        output += f"\nIt did not finish within {PATIENCE:.0f} s, or failed."
    return _fenced(output.strip())


def _fenced(text: str) -> str:
    """Tables and sentences as they are, all other lines as they stood on the terminal."""
    is_record = re.compile(r"\w+\(.*\)").fullmatch
    parts = itertools.groupby(text.splitlines(), lambda line: bool(is_record(line)))
    return "\n".join("\n".join(["```text", *lines, "```"] if is_code else lines) for is_code, lines in parts)


def report(names: Sequence[str], *, quick: bool) -> Iterator[str]:
    yield "# Measured costs\n\n"
    yield "Written by `make bench`; [performance.md](performance.md) says what the figures mean.\n\n"
    yield f"* {datetime.now(UTC):%d %B %Y}{', a quick run: figures are rough' if quick else ''}\n"
    yield f"* {machine()}\n* {versions()}\n"
    for name in names:
        yield f"\n## {BENCHMARKS[name]} (`{name}`)\n\n{measured(name, ['--quick'] if quick else [])}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few minutes, rough figures")
    parser.add_argument("--to", type=Path, default=REPORT)
    parser.add_argument("benchmarks", nargs="*", choices=[[], *BENCHMARKS], default=[])
    options = parser.parse_args()
    text = "".join(report(options.benchmarks or list(BENCHMARKS), quick=options.quick))
    options.to.write_text(text, encoding="utf-8")
    print(f"The report is in {options.to}.")


if __name__ == "__main__":
    main()
