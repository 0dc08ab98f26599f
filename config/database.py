"""The DATABASES entry that DATABASE_URL asks for: SQLite in the data folder, or PostgreSQL through a pool."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import ProgrammingError

# Above the threads for hubs: page requests bring threads of their own, which wait for a connection.
FOR_PAGES = 8


def database(url: str, var: Path, *, threads: int) -> dict[str, Any]:
    """The entry for `postgres://user:password@host:port/name`, or for a file where there is no URL."""
    return postgresql(url, threads=threads) if url else sqlite(var)


def sqlite(var: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": var / "wardline.sqlite3",
        # IMMEDIATE and WAL: with the defaults two writers in a row end in "database is locked".
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        # A file also in tests: an in-memory database cannot be shared between threads and processes.
        "TEST": {"NAME": var / "test.sqlite3"},
    }


def postgresql(url: str, *, threads: int) -> dict[str, Any]:
    """Options in the URL's query (`sslmode`, `connect_timeout`, ...) are libpq's and win over ours."""
    options = _options(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": options.pop("dbname"),
        "USER": options.pop("user", ""),
        "PASSWORD": options.pop("password", ""),
        "HOST": options.pop("host", ""),
        "PORT": options.pop("port", ""),
        # A pool instead of persistent connections, which under ASGI are left behind one a thread; each is
        # tried before use, because after a restart of PostgreSQL all of them are dead.
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # A host that has vanished must fail within seconds: no thread may wait for it.
            "connect_timeout": 5,
            "tcp_user_timeout": 10_000,
            **options,
            # After `reconnect_timeout` the pool starts afresh; with its default of 5 minutes it looks ever
            # more seldom whether the database is back.
            "pool": {"min_size": 1, "max_size": threads + FOR_PAGES, "timeout": 5, "reconnect_timeout": 2},
        },
    }


def _options(url: str) -> dict[str, Any]:
    # The URL holds a password and psycopg's errors quote it: none of them is shown or chained.
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured("DATABASE_URL must be postgres://user:password@host:port/name.")
    try:
        options = conninfo_to_dict(url)
    except ProgrammingError:
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read: is every special character of the password percent-encoded, "
            "and every option after the ? one that PostgreSQL knows?"
        ) from None
    if "@" in str(options.get("host", "")):
        raise ImproperlyConfigured("DATABASE_URL has a password with an @ in it: write it as %40.")
    if not options.get("dbname"):
        raise ImproperlyConfigured("DATABASE_URL names no database: postgres://user:password@host:port/name.")
    if not all(port.isdecimal() for port in str(options.get("port", 5432)).split(",")):
        raise ImproperlyConfigured("DATABASE_URL has a port that is no number.")
    return options
