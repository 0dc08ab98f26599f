"""The database restarts, crashes, is away or is full: writes fail, and no screen says anything untrue."""

import sqlite3
import time

import pytest

from tests.faults.ward.fault import fault
from tests.faults.ward.scene import Scene

pytestmark = pytest.mark.long

MAXIMUM_PAGES = 2_500
FULL = {"DJANGO_SETTINGS_MODULE": "tests.faults.ward.settings", "MAXIMUM_PAGES": str(MAXIMUM_PAGES)}
BALLAST = "CREATE TABLE ballast AS SELECT zeroblob(?) AS weight"


@fault("PostgreSQL restarted, then crashed", ("PostgreSQL", "Daphne"), ("PostgreSQL", "uvicorn"))
async def test_a_database_that_restarts_delays_and_loses_nothing(ward: Scene) -> None:
    postgres = ward.parts.postgres
    assert postgres is not None
    await ward.parts.restart(postgres)
    await ward.flows()
    postgres.kill()
    await ward.parts.start(postgres)
    await ward.flows()
    await ward.judge()


@fault("A full database (max_page_count)", ("SQLite", "Daphne"), environment=FULL)
async def test_a_full_database_refuses_writes_and_leaves_the_screens_live(ward: Scene) -> None:
    with sqlite3.connect(ward.parts.database, timeout=20) as connection:
        connection.execute(BALLAST, (MAXIMUM_PAGES * 4096,))
    await ward.until(lambda: len(ward.said("failed")) >= 5)
    assert all("database or disk is full" in str(line["failed"]) for line in ward.said("failed"))
    full_at = time.monotonic()
    await ward.until(lambda: all(reader.screen.heard_at > full_at for reader in ward.readers))
    assert ward.all_live()
    with sqlite3.connect(ward.parts.database, timeout=20) as connection:
        connection.execute("DROP TABLE ballast")
    await ward.flows()
    await ward.judge()
