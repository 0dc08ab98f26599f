"""Who is connected right now, as the rows say, for the commands."""

import time
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from hubs.connection_tokens import ID_LENGTH, shown
from hubs.directory import WORKER_EXPIRES_AFTER
from hubs.models import Connection, Worker

LOOK_AGAIN = 0.1  # seconds


def live_workers() -> QuerySet[Worker]:
    """Those whose heartbeat has not ended."""
    oldest = timezone.now() - timedelta(seconds=WORKER_EXPIRES_AFTER)
    return Worker.objects.filter(heartbeat_at__gte=oldest).order_by("started_at")


def live_connections() -> QuerySet[Connection]:
    """Those that a live worker carries; what was only posted to so far is none."""
    rows = Connection.objects.filter(ended_at=None, worker__in=live_workers()).exclude(transport="")
    return rows.select_related("worker").order_by("opened_at")


def shown_id(connection: Connection) -> str:
    return shown(connection.pk)


def with_shown_id(shown: str) -> QuerySet[Connection]:
    """The connection with that id, whole or as it is shown; none for less than that."""
    if len(shown) < ID_LENGTH:
        return live_connections().none()
    return live_connections().filter(pk__startswith=shown)


def wait_until_gone(connections: QuerySet[Connection], seconds: float) -> int:
    """Waits for the connections to end; returns how many have not."""
    deadline = time.monotonic() + seconds
    while (left := connections.count()) and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN)
    return left
