"""`manage.py connections`: who is connected to which hub on which worker, and how to send them away."""

from collections.abc import Iterable
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q, QuerySet

from hubs.audience import hub_name
from hubs.clients import disconnect
from hubs.description import routed_hubs
from hubs.hub import Hub
from hubs.management.live import live_connections, shown_id, wait_until_gone, with_shown_id
from hubs.management.tables import aligned
from hubs.models import Connection

COLUMNS = ("CONNECTION", "USER", "HUB", "TRANSPORT", "SINCE", "ADDRESS", "WORKER")
GONE_WITHIN = 10.0  # seconds: a client gets five to answer our close


class Command(BaseCommand):
    help = "Lists the connections of all workers, or closes some of them for good."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hub", help="only this hub: its class name, or its dotted path")
        parser.add_argument("--user", help="only this user's, by the identifier")
        parser.add_argument("--json", action="store_true", help="for other programs")
        kick = parser.add_mutually_exclusive_group()
        kick.add_argument("--kick", metavar="CONNECTION", help="close this connection")
        kick.add_argument("--kick-user", metavar="USER", help="close all connections of this user")

    def handle(self, **options: Any) -> None:
        if options["kick"] is not None:
            self._kick(with_shown_id(options["kick"]), whom=options["kick"])
        elif options["kick_user"] is not None:
            self._kick(live_connections().filter(user=options["kick_user"]), whom=options["kick_user"])
        else:
            self._list(_chosen(options["hub"], options["user"]), as_json=options["json"])

    def _list(self, connections: Iterable[Connection], *, as_json: bool) -> None:
        if as_json:
            records = [_record(each) for each in connections]
            self.stdout.write(msgspec.json.format(msgspec.json.encode(records), indent=2).decode())
            return
        for line in aligned([COLUMNS, *map(_cells, connections)]):
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


def _chosen(hub: str | None, user: str | None) -> QuerySet[Connection]:
    connections = live_connections()
    if hub is not None:
        connections = connections.filter(Q(hub=hub) | Q(hub__endswith=f".{hub}"))
    if user is not None:
        connections = connections.filter(user=user)
    return connections


def _hubs_by_name() -> dict[str, type[Hub]]:
    return {hub_name(routed.hub): routed.hub for routed in routed_hubs()}


def _record(connection: Connection) -> dict[str, Any]:
    return {
        "connection": shown_id(connection),
        "user": connection.user,
        "hub": connection.hub,
        "transport": connection.transport,
        "since": connection.opened_at,
        "address": connection.address,
        "worker": connection.worker_id,
    }


def _cells(connection: Connection) -> tuple[str, ...]:
    return (
        shown_id(connection),
        connection.user or "-",
        connection.hub.rpartition(".")[2],
        connection.transport,
        connection.opened_at.isoformat(" ", "seconds"),
        connection.address or "-",
        connection.worker_id or "-",
    )
