"""Asks the parts of a run whether they are there yet."""

from http.client import HTTPConnection, HTTPException

import psycopg
from redis import Redis
from redis.exceptions import RedisError

PATIENCE = 60.0  # seconds for one answer


def http_answers(host: str, port: int) -> bool:
    """Whether a request gets any answer."""
    return _status(host, port, "/") is not None


def worker_is_ready(port: int) -> bool:
    """Whether a worker says that it could serve: with its database, its channel layer and its tables."""
    return _status("127.0.0.1", port, "/readyz") == 200


def redis_answers(url: str) -> bool:
    try:
        with Redis.from_url(url, socket_timeout=PATIENCE) as redis:
            return bool(redis.ping())
    except RedisError:
        return False


def postgres_answers(url: str) -> bool:
    """Its port is open before it can be used."""
    try:
        psycopg.connect(url, connect_timeout=int(PATIENCE)).close()
    except psycopg.OperationalError:
        return False
    return True


def _status(host: str, port: int, path: str) -> int | None:
    connection = HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
