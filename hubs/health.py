"""What a load balancer and Prometheus ask a worker: /healthz, /readyz and /metrics, as ASGI applications.

They stand in front of Django: its middlewares would send a probe to https, refuse one that knows an address
and no host name, and wait in the one thread that synchronous middlewares share.
"""

import asyncio
import functools
import ipaddress
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from prometheus_client import CONTENT_TYPE_LATEST

from hubs import layer, metrics
from hubs.conf import hubs_settings
from hubs.endpoint import asgi_path
from hubs.executor import run
from hubs.responses import respond
from hubs.scopes import Receive, Scope, Send
from hubs.worker import existing_worker

DEADLINE = 2.0  # seconds in which a part must answer
JSON = b"application/json"
GROUP = "hubs.ready"  # nobody is in it: the layer has to answer, no worker has to listen


async def alive(scope: Scope, receive: Receive, send: Send) -> None:
    """200 while the loop turns; asks nobody, so that a lost database restarts no worker."""
    await _answer(scope, send, 200, b'{"alive": true}', JSON)


async def ready(scope: Scope, receive: Receive, send: Send) -> None:
    """200 when this worker can serve, otherwise 503 with the parts that cannot and why, in a word."""
    problems = await not_ready()
    body = msgspec.json.encode({"ready": not problems, "problems": problems})
    await _answer(scope, send, 503 if problems else 200, body, JSON)


async def measured(scope: Scope, receive: Receive, send: Send) -> None:
    """The metrics, for whoever has the token, or sits on this machine where there is none."""
    if _may_read_metrics(scope):
        await _answer(scope, send, 200, metrics.text(), CONTENT_TYPE_LATEST.encode())
    else:
        await _answer(scope, send, 403, b"", b"text/plain")


routes = [asgi_path("^healthz$", alive), asgi_path("^readyz$", ready), asgi_path("^metrics$", measured)]


async def not_ready() -> dict[str, str]:
    """The parts that this worker cannot serve without, and what is wrong with each; never an address."""
    worker = existing_worker()
    if worker is not None and worker.is_draining:
        return {"worker": "going down"}
    database, channel_layer = await asyncio.gather(_ask_database(), _ask_layer())
    return database | channel_layer


async def _ask_layer() -> dict[str, str]:
    worker = existing_worker()
    if worker is not None:
        await worker.reachable()  # the probe may be the first that it hears of
        if not worker.backplane.listening.is_set():
            return {"channel layer": "not heard"}
    try:
        async with asyncio.timeout(DEADLINE):
            await layer.current().group_send(GROUP, {"type": GROUP})
    except Exception as error:  # noqa: BLE001 - a layer may fail in any way
        return {"channel layer": type(error).__name__}
    return {}


_asking: asyncio.Task[int] | None = None


async def _ask_database() -> dict[str, str]:
    """One question at a time: threads that hang on a frozen database must not add up with every probe."""
    global _asking
    loop = asyncio.get_running_loop()
    if _asking is None or _asking.done() or _asking.get_loop() is not loop:
        _asking = loop.create_task(run(_unapplied_migrations))
        _asking.add_done_callback(_take_note)
    asking = _asking
    await asyncio.wait({asking}, timeout=DEADLINE)
    if not asking.done():
        return {"database": "TimeoutError"}
    if (error := asking.exception()) is not None:
        return {"database": type(error).__name__}
    return {"migrations": f"{unapplied} not applied"} if (unapplied := asking.result()) else {}


def _take_note(asking: asyncio.Task[int]) -> None:
    """asyncio complains of an exception that nobody has looked at, as when it comes after the deadline."""
    if not asking.cancelled():
        asking.exception()


def _unapplied_migrations() -> int:
    applied = set(MigrationRecorder(connection).applied_migrations())
    return sum(
        name not in applied and not (replaced and replaced <= applied)
        for name, replaced in _migrations().items()
    )


@functools.cache
def _migrations() -> Mapping[tuple[str, str], frozenset[tuple[str, str]]]:
    """Every migration of the code, and those that it replaces."""
    on_disk = MigrationLoader(None).disk_migrations
    return {name: frozenset(migration.replaces) for name, migration in on_disk.items()}


def _may_read_metrics(scope: Mapping[str, Any]) -> bool:
    headers = dict(scope["headers"])
    if token := hubs_settings.METRICS_TOKEN:
        return secrets.compare_digest(headers.get(b"authorization", b""), f"Bearer {token}".encode())
    # Behind a proxy on this machine everybody comes from here; only what it forwards says so.
    forwarded = headers.keys() & {b"x-forwarded-for", b"forwarded", b"x-real-ip"}
    client = scope.get("client")
    return client is not None and not forwarded and _is_loopback(client[0])


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


async def _answer(scope: Scope, send: Send, status: int, body: bytes, kind: bytes) -> None:
    if scope["method"] not in {"GET", "HEAD"}:
        status, body = 405, b""
    await respond(scope, send, status, body, content_type=kind)
