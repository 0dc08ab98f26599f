"""Writes docs/faults.md from the results of a run: `python -m tests.faults.ward.table`."""

import importlib
import os
import pkgutil
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import django

import tests.faults.ward
from config.run.plan import BASE_DIR
from tests.faults.ward import results
from tests.faults.ward.fault import Fault
from tests.faults.ward.results import Result

PAGE = BASE_DIR / "docs" / "faults.md"
# What stands above the table.
HEAD = Path(__file__).with_name("page.md")
COLUMNS = (
    *("Fault", "Database", "Server"),
    *("Readers", "Written", "Delivered", "Resumed", "Reloads", "Not live", "Equal", "Losses"),
)


def faults() -> Iterator[Fault]:
    """What the tests of this folder break, in the order of the tests."""
    for module in pkgutil.iter_modules(tests.faults.ward.__path__):
        if module.name.startswith("test_"):
            found = importlib.import_module(f"{tests.faults.ward.__name__}.{module.name}")
            for test in vars(found).values():
                for mark in getattr(test, "pytestmark", ()) if callable(test) else ():
                    yield from (value for value in mark.args[1] if isinstance(value, Fault))


def page(found: Iterable[Result], day: date) -> str:
    by_row = {(each.fault, each.database, each.server): each for each in found}
    missing = [fault.row for fault in faults() if fault.row not in by_row]
    if missing:
        raise SystemExit(f"These have not been run: {missing}")
    lines = [_line(COLUMNS), _line(["---"] * 3 + ["---:"] * (len(COLUMNS) - 3))]
    lines += [_line(_cells(by_row[fault.row])) for fault in faults()]
    return HEAD.read_text(encoding="utf-8").format(day=day.isoformat()) + "\n" + "\n".join(lines) + "\n"


def rows(text: str) -> list[tuple[str, str, str]]:
    """The faults that a page has."""
    cells = [[cell.strip() for cell in line.split("|")[1:4]] for line in text.splitlines() if line[:1] == "|"]
    return [(title, database, server) for title, database, server in cells[2:]]


def _cells(result: Result) -> list[str]:
    counts = (result.readers, result.written, result.delivered, result.resumed, result.reloads)
    return [
        *(result.fault, result.database, result.server),
        *(str(count) for count in counts),
        *(f"{seconds:.1f} s" for seconds in (result.not_live, result.equal_after)),
        str(result.losses),
    ]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main(path: Path = PAGE) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()  # the tests that are asked for their faults import the product
    path.write_text(page(results.kept(), datetime.now(UTC).date()), encoding="utf-8")


if __name__ == "__main__":
    main()
