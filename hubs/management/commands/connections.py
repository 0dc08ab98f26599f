"""`manage.py connections`: who is connected to which hub on which worker, who was not, and the way out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q, QuerySet

from hubs.audience import hub_name
from hubs.clients import disconnect
from hubs.description import routed_hubs
from hubs.hub import Hub
from hubs.management.live import live_connections, shown_id, users_of, wait_until_gone, with_shown_id
from hubs.management.tables import aligned
from hubs.models import Connection, Refusal

Record = dict[str, Any]

# The columns of the tables; JSON has all.
CONNECTION = ("connection", "user", "role", "hub", "follows", "transport", "since", "address", "worker")
REFUSAL = ("at", "count", "reason", "status", "path", "user", "address", "origin", "worker")
REFUSALS_SHOWN = 50
GONE_WITHIN = 10.0  # seconds: a client gets five to answer our close


class Command(BaseCommand):
    help = "Lists the connections of all workers, or who was not let in, or closes some connections for good."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hub", help="only this hub: its class name, or its dotted path")
        parser.add_argument("--user", help="only this user's, by the identifier")
        parser.add_argument("--json", action="store_true", help="for other programs")
        parser.add_argument("--refused", action="store_true", help="who was not let in lately, and why")
        kick = parser.add_mutually_exclusive_group()
        kick.add_argument("--kick", metavar="CONNECTION", help="close this connection")
        kick.add_argument("--kick-user", metavar="USER", help="close all connections of this user")

    def handle(self, **options: Any) -> None:
        if options["kick"] is not None:
            self._kick(with_shown_id(options["kick"]), whom=options["kick"])
        elif options["kick_user"] is not None:
            self._kick(live_connections().filter(user=options["kick_user"]), whom=options["kick_user"])
        elif options["refused"]:
            self._list(_refusals(options["user"]), REFUSAL, as_json=options["json"])
        else:
            self._list(_connections(options["hub"], options["user"]), CONNECTION, as_json=options["json"])

    def _list(self, records: Sequence[Record], columns: Sequence[str], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(msgspec.json.format(msgspec.json.encode(records), indent=2).decode())
            return
        headings = [each.upper() for each in columns]
        for line in aligned([headings, *(_cells(record, columns) for record in records)]):
            self.stdout.write(line)

    def _kick(self, connections: QuerySet[Connection], *, whom: str) -> None:
        kicked = list(connections)
        if not kicked:
            raise CommandError(f"{whom} is not connected.")
        hubs = _hubs_by_name()
        for each in kicked:
            if each.hub not in hubs:
                raise CommandError(f"{each.hub} is no hub of ASGI_APPLICATION.")
            disconnect(hubs[each.hub], connection=each.pk)
        left = wait_until_gone(live_connections().filter(pk__in=[each.pk for each in kicked]), GONE_WITHIN)
        if left:
            raise CommandError(f"{left} of {len(kicked)} connections are still open.")
        self.stdout.write(f"Closed: {len(kicked)}.")


def _hubs_by_name() -> dict[str, type[Hub]]:
    return {hub_name(routed.hub): routed.hub for routed in routed_hubs()}


def _connections(hub: str | None, user: str | None) -> list[Record]:
    chosen = live_connections()
    if hub is not None:
        chosen = chosen.filter(Q(hub=hub) | Q(hub__endswith=f".{hub}"))
    rows = list(chosen if user is None else chosen.filter(user=user))
    users = users_of(rows)
    return [
        {
            "connection": shown_id(row),
            "user": row.user,
            "name": _name(users, row.user),
            "role": _role(users, row.user),
            "hub": row.hub,
            "transport": row.transport,
            "since": row.opened_at,
            "address": row.address,
            "origin": row.origin,
            "follows": row.follows,
            "worker": row.worker_id,
        }
        for row in rows
    ]


def _refusals(user: str | None) -> list[Record]:
    """The latest last."""
    chosen = Refusal.objects.all() if user is None else Refusal.objects.filter(user=user)
    rows = list(chosen[:REFUSALS_SHOWN])[::-1]
    users = users_of(rows)
    return [
        {
            "at": row.at,
            "count": row.count,
            "reason": row.reason,
            "status": row.status,
            "path": row.path,
            "user": row.user,
            "name": _name(users, row.user),
            "address": row.address,
            "origin": row.origin,
            "connection": row.connection,
            "worker": row.worker,
        }
        for row in rows
    ]


def _name(users: Mapping[str, Any], user: str | None) -> str | None:
    return None if (found := users.get(user or "")) is None else str(found)


def _role(users: Mapping[str, Any], user: str | None) -> str | None:
    return getattr(users.get(user or ""), "role", None)


def _cells(record: Record, columns: Sequence[str]) -> list[str]:
    shown = {**record, "user": record["name"] or record["user"]}
    return [_cell(name, shown[name]) for name in columns]


def _cell(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if value is None or value == "":
        return "-"
    return str(value).rpartition(".")[2] if name == "hub" else str(value)
