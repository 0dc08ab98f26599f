"""Who was not let in lately and why, for staff: gathered in this process, written with its sign of life."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from hubs.executor import run
from hubs.log_filters import redacted
from hubs.models import Refusal

logger = logging.getLogger("hubs")

# A flood of requests that are all different must not become a flood of rows: what is oldest is forgotten.
MAXIMUM_GATHERED = 50
MAXIMUM_KEPT = 1000  # rows, of all workers

Key = tuple[Any, ...]


@dataclass(slots=True)
class _Alike:
    """Requests that differ in nothing but their time and their id."""

    count: int
    at: datetime
    connection: str


class Gathered:
    """The refusals of one process that are not in the database yet."""

    def __init__(self) -> None:
        self._alike: OrderedDict[Key, _Alike] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, fields: Mapping[str, Any], connection: str) -> None:
        key = tuple(fields.items())
        with self._lock:
            alike = self._alike.setdefault(key, _Alike(0, timezone.now(), connection))
            alike.count += 1
            alike.at, alike.connection = timezone.now(), connection
            self._alike.move_to_end(key)
            if len(self._alike) > MAXIMUM_GATHERED:
                self._alike.popitem(last=False)

    def take(self) -> list[Refusal]:
        """Rows of all that has gathered, oldest first."""
        with self._lock:
            taken, self._alike = self._alike, OrderedDict()
        return [
            Refusal(**dict(key), count=each.count, at=each.at, connection=each.connection)
            for key, each in taken.items()
        ]


gathered = Gathered()


def add(*, reason: str, status: int, path: str, connection: str, who: Mapping[str, Any]) -> None:
    """Notes a refusal; `who` has user, address and origin. What a client wrote is cut, and is no token."""
    fields = {
        "reason": reason[:200],
        "status": status,
        "path": redacted(path)[:200],
        "user": who["user"],
        "address": (who["address"] or "")[:64],
        "origin": redacted(who["origin"] or ""),
    }
    gathered.add(fields, connection)


async def write(worker: str) -> None:
    """Writes what has gathered; what the database does not take is lost here, and stands in the log."""
    if rows := gathered.take():
        for row in rows:
            row.worker = worker
        try:
            await run(_write, rows)
        except Exception as error:  # noqa: BLE001 - a database may fail in any way
            logger.warning("refusals not written", extra={"rows": len(rows), "reason": type(error).__name__})


@transaction.atomic
def _write(rows: list[Refusal]) -> None:
    Refusal.objects.bulk_create(rows)
    for newest_to_go in Refusal.objects.values_list("pk", flat=True)[MAXIMUM_KEPT : MAXIMUM_KEPT + 1]:
        Refusal.objects.filter(pk__lte=newest_to_go).delete()
