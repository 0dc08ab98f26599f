"""What a run of a fault has shown, kept in a file until the table is written."""

import os
from pathlib import Path

import msgspec

from config.run.plan import BASE_DIR

FOLDER = BASE_DIR / "var" / "faults"


class Result(msgspec.Struct):
    """One row of the table."""

    fault: str
    database: str
    server: str
    readers: int
    written: int  # events
    delivered: int  # events, to all readers together
    resumed: int  # of these, as the answer to what was held
    reloads: int
    not_live: float  # the longest time that a screen was not live, in seconds
    equal_after: float  # seconds from the last write until every board was equal
    losses: int


def keep(result: Result) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    row = f"{result.fault} {result.database} {result.server}".lower()
    path = FOLDER / ("".join(letter if letter.isalnum() else "-" for letter in row) + ".json")
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(msgspec.json.encode(result))
    part.replace(path)


def kept() -> list[Result]:
    return [read(path) for path in sorted(FOLDER.glob("*.json"))]


def read(path: Path) -> Result:
    return msgspec.json.decode(path.read_bytes(), type=Result)
