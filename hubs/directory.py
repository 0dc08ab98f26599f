"""The rows that say which connection is on which worker; synchronous, called through `run`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from hubs.conf import hubs_settings
from hubs.models import Connection, Worker

WORKER_EXPIRES_AFTER = 30.0  # seconds without a heartbeat
MARKED_AT_ONCE = 1000  # rows; databases take a bounded number of parameters


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one connection is."""

    id: str
    hub: str
    user: str | None
    transport: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the rows say of an id: its transport, whether it has ended, and its worker's name and channel."""

    transport: str
    has_ended: bool
    worker: str
    channel: str


def claim(entry: Entry, worker: str, channel: str) -> bool:
    """Takes the id for this worker; False when somebody has used it before. The row is the single use."""
    try:
        with transaction.atomic():
            _row(entry, worker).save(force_insert=True)
    except IntegrityError:
        # Not asked of the worker's row: its first heartbeat may have come in between.
        if Connection.objects.filter(id=entry.id).exists():
            return False
        # Either the worker's own row is missing, or it expired while the process was paused.
        heartbeat(worker, channel, ())
        return claim(entry, worker, channel)
    return True


def take_over(entry: Entry, worker: str) -> bool:
    """Takes an id that was only posted to so far; exactly one of several takers gets it."""
    rows = Connection.objects.filter(id=entry.id, transport="", ended_at=None)
    return rows.update(worker=worker, transport=entry.transport) == 1


def find(connection_id: str) -> Found | None:
    row = Connection.objects.select_related("worker").filter(id=connection_id).first()
    if row is None:
        return None
    if row.worker is None:
        return Found(row.transport, has_ended=True, worker="", channel="")
    return Found(row.transport, row.ended_at is not None, row.worker.name, row.worker.channel)


def owner_of(connection_id: str) -> str | None:
    """Whose the connection is; None where nobody's or where there is no such row."""
    return Connection.objects.filter(id=connection_id).values_list("user", flat=True).first()


def end(*connection_ids: str) -> None:
    """Marks the rows as ended; one that is marked already keeps its time."""
    now = timezone.now()
    for start in range(0, len(connection_ids), MARKED_AT_ONCE):
        ids = connection_ids[start : start + MARKED_AT_ONCE]
        Connection.objects.filter(id__in=ids, ended_at=None).update(ended_at=now)


def heartbeat(worker: str, channel: str, entries: Iterable[Entry]) -> None:
    """Says that the worker lives; one that had expired gets its rows back. Clears away what is over."""
    now = timezone.now()
    _, is_new = Worker.objects.update_or_create(
        name=worker,
        defaults={"channel": channel, "heartbeat_at": now},
        create_defaults={"channel": channel, "heartbeat_at": now, "started_at": now},
    )
    if is_new:
        rows = [_row(entry, worker) for entry in entries]
        Connection.objects.bulk_create(rows, ignore_conflicts=True)
        forsaken = Connection.objects.filter(id__in=[row.id for row in rows], worker=None)
        forsaken.update(worker=worker, ended_at=None)
    clear_away()


def clear_away() -> None:
    """Deletes workers without a heartbeat, and rows of connections whose token can open nothing any more."""
    now = timezone.now()
    _delete(Worker.objects.filter(heartbeat_at__lt=now - timedelta(seconds=WORKER_EXPIRES_AFTER)))
    # Twice the token's life: clocks of two machines may differ by a little.
    old = now - timedelta(seconds=2 * hubs_settings.CONNECT_TIMEOUT)
    Connection.objects.filter(Q(ended_at__lt=old) | Q(transport="", opened_at__lt=old)).delete()


def sign_off(worker: str) -> None:
    """The worker goes down by itself."""
    _delete(Worker.objects.filter(name=worker))


@transaction.atomic
def _delete(workers: QuerySet[Worker]) -> None:
    """Their connections have ended with them; the rows stay for as long as a token could open again."""
    names = list(workers.values_list("name", flat=True))
    if names:
        Connection.objects.filter(worker__in=names, ended_at=None).update(ended_at=timezone.now())
        Worker.objects.filter(name__in=names).delete()


def _row(entry: Entry, worker: str) -> Connection:
    return Connection(
        id=entry.id,
        worker_id=worker,
        hub=entry.hub,
        user=entry.user,
        transport=entry.transport,
        address=entry.address[:64],  # behind a proxy that is believed it is whatever the client wrote
        opened_at=timezone.now(),
    )
