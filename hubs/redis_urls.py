"""A Redis URL in each of its forms, read into what channels_redis takes as one of its `hosts`."""

import ssl
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from channels_redis.utils import create_pool
from django.core.exceptions import ImproperlyConfigured
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

FORMS = (
    "redis://[user:password@]host[:port][/database]",
    "rediss://... (the same over TLS)",
    "unix:///path/to/socket[?db=database]",
    "redis+sentinel://[user:password@]host[:port][,host[:port]...]/service[?db=database]",
    "rediss+sentinel://...",
)
SCHEMES = frozenset({"redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel"})
TLS_OPTIONS = frozenset({"ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname"})
SENTINEL_OPTIONS = frozenset({"sentinel_username", "sentinel_password"})
SENTINEL_PORT = 26_379

# redis-py 8 reads with a time-out of 5 s by default, which cuts idle receivers of channels_redis.
READ_TIMEOUT = 15
CONNECT_TIMEOUT = 2
SENTINEL_TIMEOUT = 1  # for each of them: those that are dead must not use up the time of the others


def host_of(url: str, ca: str = "") -> dict[str, Any]:
    """The host for a URL, with time-outs and retries, trusting the PEM text `ca` beside the system's own.

    Raises ImproperlyConfigured, whose text never repeats the URL: it may hold a password.
    """
    parts = _parts(url)
    options = {name: values[0] for name, values in parse_qs(parts.query).items()}
    _require_known(parts.scheme, options)
    tls = _tls(parts.scheme, ca)
    if parts.scheme.endswith("+sentinel"):
        return _sentinel_host(parts, options, tls)
    if parts.scheme != "unix":
        _require_one_address(parts)
    return {"address": url, **tls, **_patience()}


async def ping(url: str, ca: str = "") -> None:
    """Raises what stands between here and that Redis, within seconds; asks in the way of a channel layer."""
    once = Retry(ExponentialBackoff(), retries=0)
    host = {**host_of(url, ca), "socket_timeout": CONNECT_TIMEOUT, "retry": once, "retry_on_error": []}
    async with Redis.from_pool(create_pool(host)) as redis:
        await redis.ping()


def _patience() -> dict[str, Any]:
    """Without retries each stale pooled connection fails once after Redis was away."""
    return {
        "socket_timeout": READ_TIMEOUT,
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "health_check_interval": 10,
        "retry": Retry(ExponentialBackoff(cap=1.0, base=0.05), retries=3),
        "retry_on_error": [RedisConnectionError, RedisTimeoutError],
    }


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _unreadable("cannot be read") from None
    if parts.scheme not in SCHEMES:
        raise _unreadable("has no scheme of these")
    return parts


def _require_known(scheme: str, options: dict[str, str]) -> None:
    known = {"db"}
    if scheme.startswith("rediss"):
        known |= TLS_OPTIONS
    if scheme.endswith("+sentinel"):
        known |= SENTINEL_OPTIONS
    if unknown := sorted(set(options) - known):
        raise _unreadable(f"has options that mean nothing here ({', '.join(unknown)})")
    if not options.get("db", "0").isdecimal():
        raise _unreadable("has a database that is not a number")


def _tls(scheme: str, ca: str) -> dict[str, Any]:
    if not ca:
        return {}
    if not scheme.startswith("rediss"):
        raise ImproperlyConfigured("A CA for Redis is given, but its URL does not ask for TLS (rediss://).")
    try:
        ssl.create_default_context(cadata=ca)
    except ssl.SSLError:
        raise ImproperlyConfigured("The CA for Redis is not a certificate in PEM form.") from None
    return {"ssl_ca_data": ca}


def _require_one_address(parts: SplitResult) -> None:
    if len(_addresses(parts.netloc, default_port=6379)) != 1:
        raise _unreadable("names several hosts")
    if parts.path not in {"", "/"} and not parts.path[1:].isdecimal():
        raise _unreadable("has a database that is not a number")


def _sentinel_host(parts: SplitResult, options: dict[str, str], tls: dict[str, Any]) -> dict[str, Any]:
    service = unquote(parts.path[1:])
    if not service or "/" in service:
        raise _unreadable("names no service, or more than one")
    if parts.scheme.startswith("rediss"):
        tls = {"ssl": True, **tls, **{name: options[name] for name in TLS_OPTIONS & set(options)}}
        if "ssl_check_hostname" in tls:
            tls["ssl_check_hostname"] = tls["ssl_check_hostname"].lower() not in {"0", "no", "false", "off"}
    login, _, _ = parts.netloc.rpartition("@")
    return {
        "master_name": service,
        "sentinels": _addresses(parts.netloc, default_port=SENTINEL_PORT),
        "sentinel_kwargs": {
            **tls,
            **_login(options.get("sentinel_username", ""), options.get("sentinel_password", "")),
            "socket_timeout": SENTINEL_TIMEOUT,
            "socket_connect_timeout": SENTINEL_TIMEOUT,
            # redis-py's own would ask a dead one for half a minute before it turns to the next.
            "retry": Retry(ExponentialBackoff(), retries=0),
        },
        "db": int(options.get("db", "0")),
        **tls,
        **_login(*(unquote(each) for each in login.partition(":")[::2])),
        **_patience(),
    }


def _login(username: str, password: str) -> dict[str, str]:
    given = {"username": username, "password": password}
    return {name: value for name, value in given.items() if value}


def _addresses(netloc: str, *, default_port: int) -> list[tuple[str, int]]:
    return [_address(each, default_port) for each in netloc.rpartition("@")[2].split(",")]


def _address(text: str, default_port: int) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        port = default_port if parts.port is None else parts.port
    except ValueError:
        raise _unreadable(
            "has a port that is not one (are the password's special characters percent-encoded?)"
        ) from None
    if not parts.hostname:
        raise _unreadable("names no host")
    return parts.hostname, port


def _unreadable(what: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"The URL of Redis {what}. Its forms: {'; '.join(FORMS)}.")
