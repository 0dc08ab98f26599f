"""Where the product will listen and what the environment asks for, checked before anything is started."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from redis.exceptions import RedisError

from config import environment as env
from config.run.errors import CannotRun
from hubs.redis_urls import ping

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LAST_PORT = 65_535
MOST_WORKERS = 64
SERVERS = ("daphne", "uvicorn")


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: where it listens, what the environment says of the other parts, and the data folder."""

    address: str
    port: int
    redis_url: str | None
    database_url: str | None
    origins: str | None
    drain_seconds: str
    # One of SERVERS, and how many of it stand behind nginx; `make run` has a single Daphne of its own.
    server: str
    workers: int
    var: Path

    @property
    def reachable_address(self) -> str:
        """Who listens at every address is asked at the loopback one."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.address, self.address)  # noqa: S104 - not bound here

    @property
    def url(self) -> str:
        host = self.reachable_address
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def environment(self, redis_url: str) -> dict[str, str]:
        """What every part is told. The origins follow the port, unless ORIGINS names them."""
        own = [self.url, f"http://localhost:{self.port}", f"http://127.0.0.1:{self.port}"]
        return {
            "WARDLINE_DEVELOPMENT": "yes",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "WARDLINE_VAR": str(self.var.resolve()),
            "REDIS_URL": redis_url,
            "DRAIN_SECONDS": self.drain_seconds,
            "ORIGINS": self.origins or ",".join(dict.fromkeys(own)),
        }


def plan_from(environment: Mapping[str, str], *, serving: bool = False) -> Plan:
    """The plan of `make run`, or of `make serve`; CannotRun where it could not be carried out."""
    plan = Plan(
        address=environment.get("ADDRESS") or "127.0.0.1",
        port=_number("PORT", environment.get("PORT") or "8000", LAST_PORT),
        redis_url=environment.get("REDIS_URL") or None,
        database_url=environment.get("DATABASE_URL") or None,
        origins=environment.get("ORIGINS") or None,
        drain_seconds=environment.get("DRAIN_SECONDS") or ("5" if serving else "0"),
        server=environment.get("SERVER") or SERVERS[0],
        workers=_number("WORKERS", environment.get("WORKERS") or "2", MOST_WORKERS),
        var=folder_of(environment, serving=serving),
    )
    if plan.server not in SERVERS:
        raise CannotRun(f"SERVER must be {' or '.join(SERVERS)}, not {plan.server!r}.")
    _require_free(plan.address, plan.port)
    if plan.redis_url:
        _require_redis(plan.redis_url)
    _require_folder(plan.var)
    return plan


def folder_of(environment: Mapping[str, str], *, serving: bool) -> Path:
    """Where everything is that a run writes."""
    default = BASE_DIR / "var" / "serve" if serving else BASE_DIR / "var"
    return Path(environment.get("WARDLINE_VAR") or default)


def free_port() -> int:
    """A port of the loopback interface on which nobody listens at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _number(name: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= most):
        raise CannotRun(f"{name} must be a number from 1 to {most}, not {text!r}.")
    return int(text)


def _require_free(address: str, port: int) -> None:
    try:
        family, kind, _, _, target = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # As the server does it, so that sockets in TIME_WAIT of the last run do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
            probe.listen()
    except OSError as error:
        raise CannotRun(
            f"Port {port} of {address} cannot be used ({error.strerror}): choose another with PORT=8001."
        ) from error


def _require_redis(url: str) -> None:
    try:
        asyncio.run(ping(url, env.text("REDIS_CA", "")))
    except ImproperlyConfigured as error:
        raise CannotRun(f"REDIS_URL cannot be used: {error}") from None
    except (RedisError, OSError) as error:
        # The URL may hold a password, so the sentence does not repeat it.
        raise CannotRun(
            f"REDIS_URL cannot be reached ({type(error).__name__}): "
            "correct it, or unset it to use the embedded Valkey."
        ) from error


def _require_folder(folder: Path) -> None:
    try:
        (folder / "log").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotRun(f"The data folder {folder} cannot be made: {error.strerror}.") from error
