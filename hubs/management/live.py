"""Who is connected right now, as the rows say, for the commands and the admin site."""

import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
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


def users_of(rows: Iterable[Any]) -> dict[str, Any]:
    """The users of the rows by their identifier, in one query; those that are not there are left out."""
    identifiers = {row.user for row in rows if row.user is not None and _may_be_a_key(row.user)}
    return {str(user.pk): user for user in get_user_model().objects.filter(pk__in=identifiers)}


def _may_be_a_key(identifier: str) -> bool:
    """VERIFY may speak of users who are not in this database."""
    try:
        get_user_model()._meta.pk.to_python(identifier)  # noqa: SLF001 - Django documents _meta
    except ValidationError:
        return False
    return True


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
