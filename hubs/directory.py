"""The rows that say which connection is on which worker; synchronous, called through `run`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from hubs.conf import hubs_settings
from hubs.models import Connection, Worker
from hubs.tickets import OPENS_FOR

WORKER_EXPIRES_AFTER = 30.0  # seconds without a heartbeat
# A row that tells of a start after the last sign of life belongs to a worker whose first is still to come.
NO_HEARTBEAT = timedelta(seconds=1)
MARKED_AT_ONCE = 1000  # rows; databases take a bounded number of parameters
LONGEST_SESSION = 64
LONGEST_ADDRESS = 64  # behind a proxy that is believed it is whatever the client wrote


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one connection is."""

    id: str
    hub: str
    user: str | None
    transport: str
    address: str = ""
    origin: str = ""
    # The login of its token, where that names one.
    session: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the rows say of an id: its transport, whether it has ended, and its worker's name and channel."""

    transport: str
    has_ended: bool
    worker: str
    channel: str


class TooManyConnections(Exception):
    """The user or the address, as the text says, has as many connections as it may have."""


def claim(entry: Entry, worker: str, channel: str) -> bool:
    """Takes the id for this worker; False when somebody has used it before. The row is the single use.

    Raises TooManyConnections, and has written nothing then.
    """
    try:
        with transaction.atomic():
            _require_room(entry)
            _row(entry, worker).save(force_insert=True)
    except IntegrityError:
        # Not asked of the worker's row: its first heartbeat may have come in between.
        if Connection.objects.filter(id=entry.id).exists():
            return False
        # Either the worker's own row is missing, or it expired while the process was paused.
        _announce(worker, channel)
        return claim(entry, worker, channel)
    return True


def _require_room(entry: Entry) -> None:
    """Exact on SQLite, which writes one after the other.

    On PostgreSQL those that are being claimed in this very moment do not see each other: at the most one a
    database thread comes in beyond the limit.
    """
    for whose, value, most in (
        ("user", entry.user, hubs_settings.MAXIMUM_CONNECTIONS_PER_USER),
        ("address", entry.address[:LONGEST_ADDRESS], hubs_settings.MAXIMUM_CONNECTIONS_PER_ADDRESS),
    ):
        if value and most is not None:
            # But for the own id, to which something may have been posted before.
            others = Connection.objects.filter(**{whose: value}, ended_at=None).exclude(id=entry.id)
            if others.count() >= most:
                raise TooManyConnections(whose)


def take_over(entry: Entry, worker: str, channel: str) -> bool:
    """Takes an id that was only posted to so far; exactly one of several takers gets it."""
    rows = Connection.objects.filter(id=entry.id, transport="", ended_at=None)
    try:
        return rows.update(worker=worker, transport=entry.transport) == 1
    except IntegrityError:  # as in `claim`
        _announce(worker, channel)
        return take_over(entry, worker, channel)


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


def use_up_ticket(connection_id: str) -> bool:
    """Marks the row with whose id the ticket was handed out; exactly one of several takers has used it up."""
    unused = Connection.objects.filter(id=connection_id, is_ticket_used=False)
    # Once more where that row came in between.
    return _mark_used(unused) or _use_up_unseen(connection_id) or _mark_used(unused)


def _mark_used(rows: QuerySet[Connection]) -> bool:
    return rows.update(is_ticket_used=True) == 1


def _use_up_unseen(connection_id: str) -> bool:
    """Of a ticket whose first connection has never arrived here: its client fell back to another."""
    now = timezone.now()
    row = Connection(id=connection_id, opened_at=now, ended_at=now, is_ticket_used=True)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def is_ticket_used(connection_id: str) -> bool:
    return Connection.objects.filter(id=connection_id, is_ticket_used=True).exists()


def show_follows(follows: Mapping[str, str]) -> None:
    """Writes what connections follow, by their ids: one UPDATE for all that follow the same."""
    ids_of: dict[str, list[str]] = defaultdict(list)
    for connection_id, text in follows.items():
        ids_of[text].append(connection_id)
    for text, ids in ids_of.items():
        for start in range(0, len(ids), MARKED_AT_ONCE):
            Connection.objects.filter(id__in=ids[start : start + MARKED_AT_ONCE]).update(follows=text)


def heartbeat(worker: str, channel: str, entries: Iterable[Entry]) -> None:
    """Says that the worker lives; one that had expired gets its rows back. Clears away what is over."""
    now = timezone.now()
    own, beat = Worker.objects.filter(name=worker), {"channel": channel, "heartbeat_at": now}
    if not own.filter(heartbeat_at__gte=F("started_at")).update(**beat):
        _announce(worker, channel)
        _revive(worker, entries)
        own.update(started_at=now, **beat)  # not before: a heartbeat that failed would never be made up for
    clear_away()


def _announce(worker: str, channel: str) -> None:
    """Makes the worker's row where that is missing; until its next heartbeat it says that it had none yet."""
    now = timezone.now()
    unheard = {"channel": channel, "started_at": now, "heartbeat_at": now - NO_HEARTBEAT}
    Worker.objects.get_or_create(name=worker, defaults=unheard)


def _revive(worker: str, entries: Iterable[Entry]) -> None:
    rows = [_row(entry, worker) for entry in entries]
    Connection.objects.bulk_create(rows, ignore_conflicts=True)
    forsaken = Connection.objects.filter(id__in=[row.id for row in rows], worker=None)
    forsaken.update(worker=worker, ended_at=None)


def clear_away() -> None:
    """Deletes workers without a heartbeat, and rows of connections whose token can open nothing any more."""
    now = timezone.now()
    _delete(Worker.objects.filter(heartbeat_at__lt=now - timedelta(seconds=WORKER_EXPIRES_AFTER)))
    # Twice the life of a token, and of a ticket: clocks of two machines may differ by a little.
    unused = now - timedelta(seconds=2 * hubs_settings.CONNECT_TIMEOUT)
    used = now - timedelta(seconds=2 * max(hubs_settings.CONNECT_TIMEOUT, OPENS_FOR))
    Connection.objects.filter(
        Q(ended_at__lt=used)
        | Q(transport="", ended_at=None, opened_at__lt=unused, is_ticket_used=False)
        | Q(transport="", ended_at=None, opened_at__lt=used)
    ).delete()


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
        address=entry.address[:LONGEST_ADDRESS],
        origin=entry.origin,
        session=entry.session[:LONGEST_SESSION],
        opened_at=timezone.now(),
    )
