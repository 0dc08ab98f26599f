"""DATABASE_URL chooses the database; a wrong one is a sentence that does not give the password away."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.db.backends.postgresql.base import DatabaseWrapper

from config.database import database
from tests.servers import Postgres

VAR = Path("/somewhere")


def on_postgresql(url: str) -> dict[str, Any]:
    return database(url, VAR, threads=8)


def test_without_a_url_it_is_a_file_in_the_data_folder_where_writers_wait_for_each_other() -> None:
    entry = database("", VAR, threads=8)
    assert entry["NAME"] == VAR / "wardline.sqlite3"
    assert entry["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_a_url_names_user_password_host_port_and_database() -> None:
    entry = on_postgresql("postgres://ward:p%40ss%2Fword@db.example:5433/wardline?sslmode=verify-full")
    assert [entry[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        *("ward", "p@ss/word", "db.example", "5433", "wardline")
    ]
    assert entry["OPTIONS"]["sslmode"] == "verify-full"


@pytest.mark.parametrize(
    "url", ["postgresql://db.example/wardline", "postgres:///wardline?host=/run/postgresql"]
)
def test_what_libpq_understands_is_understood(url: str) -> None:
    assert on_postgresql(url)["NAME"] == "wardline"


def test_several_hosts_stand_for_a_primary_that_moves() -> None:
    entry = on_postgresql("postgres://w:x@one:5432,two:5433/wardline?target_session_attrs=read-write")
    assert (entry["HOST"], entry["PORT"]) == ("one,two", "5432,5433")
    assert entry["OPTIONS"]["target_session_attrs"] == "read-write"


def test_the_pool_has_room_for_every_thread_of_the_hubs_and_for_pages() -> None:
    entry = database("postgres://h/wardline", VAR, threads=30)
    assert entry["OPTIONS"]["pool"]["max_size"] > 30
    assert entry["CONN_MAX_AGE"] == 0


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mysql://ward:secret@h/wardline", "must be postgres://"),
        ("ward:secret@h/wardline", "must be postgres://"),
        ("postgres://ward:secret@h", "names no database"),
        ("postgres://ward:secret@h/wardline?colour=red", "cannot be read"),
        ("postgres://ward:secret%zz@h/wardline", "cannot be read"),
        ("postgres://ward:sec@ret@h/wardline", "%40"),
        ("postgres://ward:secret@h:port/wardline", "port"),
    ],
)
def test_a_bad_url_is_one_sentence_without_the_password(url: str, complaint: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=complaint) as raised:
        on_postgresql(url)
    assert "DATABASE_URL" in str(raised.value)
    assert "sec" not in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@pytest.mark.django_db
def test_after_a_restart_of_postgresql_the_pool_hands_out_no_dead_connection(tmp_path: Path) -> None:
    server = Postgres("postgres", tmp_path)
    server.start()
    connection = wrapper(server.url)
    try:
        assert answer(connection) == 1
        server.restart()
        assert answer(connection) == 1
    finally:
        connection.close_pool()
        server.close()


@pytest.mark.long
@pytest.mark.django_db
def test_a_postgresql_that_is_away_is_an_error_within_seconds(postgres: Postgres) -> None:
    nobody_there = postgres.url.replace(f":{postgres.port}/", ":1/")
    connection = wrapper(nobody_there)
    try:
        with pytest.raises(OperationalError):
            answer(connection)
    finally:
        connection.close_pool()


def wrapper(url: str) -> DatabaseWrapper:
    """A connection of Django's with our entry, apart from the one the tests run on."""
    entry = on_postgresql(url)
    defaults: dict[str, Any] = {"ATOMIC_REQUESTS": False, "AUTOCOMMIT": True, "TIME_ZONE": None, "TEST": {}}
    return DatabaseWrapper({**defaults, **entry}, alias="apart")


def answer(connection: DatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        row = cursor.fetchone()
    connection.close()
    assert row is not None
    return int(row[0])
