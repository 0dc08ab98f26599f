"""What a fault is called and on which parts it is tried: a row of docs/faults.md each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest

Database = Literal["PostgreSQL", "SQLite"]
Server = Literal["Daphne", "uvicorn"]


@dataclass(frozen=True)
class Fault:
    """One fault on one database and one server."""

    title: str
    database: Database
    server: Server
    # Of the workers and the writer; {folder} in a value is theirs.
    environment: Mapping[str, str] = field(default_factory=dict)
    # Whether Redis is a master, a replica and a Sentinel.
    sentinel: bool = False

    @property
    def row(self) -> tuple[str, str, str]:
        return self.title, self.database, self.server


def fault(
    title: str,
    *parts: tuple[Database, Server],
    environment: Mapping[str, str] | None = None,
    sentinel: bool = False,
) -> pytest.MarkDecorator:
    """The test asks for `ward`, and runs once on each of the parts."""
    faults = [Fault(title, database, server, environment or {}, sentinel) for database, server in parts]
    return pytest.mark.parametrize("ward", faults, indirect=True, ids=lambda each: "-".join(each.row[1:]))
