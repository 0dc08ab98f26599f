"""The matrix of who may call what, as the command prints it: a table, Markdown and JSON."""

from collections.abc import Callable, Sequence
from itertools import groupby

import msgspec

from hubs.management.tables import aligned
from hubs.matrix import Row

PREFACE = """\
# Who may call what

Printed by `manage.py hubs matrix --format markdown`, which asks the permission classes of route, hub and
action about a sample user of each role. "no" is never; "yes" is always or, where the last column has a rule,
on what the rule names. Anything else is refused, and what does not exist is refused like what is not allowed.
"""


def as_table(rows: Sequence[Row]) -> str:
    return "\n\n".join(
        "\n".join([hub, *(f"  {line}" for line in aligned(_cells(list(own), _plain)))])
        for hub, own in groupby(rows, lambda row: f"{row.path}  {row.hub}")
    )


def as_markdown(rows: Sequence[Row]) -> str:
    sections = [
        "\n".join([heading, "", *_markdown_table(_cells(list(own), _code))])
        for heading, own in groupby(rows, lambda row: f"## {row.hub} at `{row.path}`")
    ]
    return "\n\n".join([PREFACE.rstrip("\n"), *sections])


def as_json(rows: Sequence[Row]) -> str:
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()


FORMATS: dict[str, Callable[[Sequence[Row]], str]] = {
    "table": as_table,
    "markdown": as_markdown,
    "json": as_json,
}


def _cells(rows: Sequence[Row], named: Callable[[str], str]) -> list[list[str]]:
    headings = ["Action", "Needs", *rows[0].allowed, "On what"]
    return [headings, *([*_names(row, named), *_answers(row), row.resource] for row in rows)]


def _names(row: Row, named: Callable[[str], str]) -> list[str]:
    action = "(connect)" if row.action is None else named(row.action)
    return [action, ", ".join(map(named, row.needs))]


def _answers(row: Row) -> list[str]:
    return ["yes" if allowed else "no" for allowed in row.allowed.values()]


def _markdown_table(cells: Sequence[Sequence[str]]) -> list[str]:
    headings, *rows = ([each.replace("|", "\\|") for each in line] for line in cells)
    return [f"| {' | '.join(line)} |" for line in (headings, ["---"] * len(headings), *rows)]


def _plain(name: str) -> str:
    return name


def _code(name: str) -> str:
    return f"`{name}`"
