"""The connections of this worker by id, user and group."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hubs import metrics
from hubs.audience import Audience, group_in_layer
from hubs.conf import hubs_settings
from hubs.connection import Connection
from hubs.transports import Transport
from hubs.transports.inbox import Inbox

if TYPE_CHECKING:
    from hubs.backplane import Backplane

Key = tuple[str, str]  # a hub's name, and the name of a group or the id of a user


class Registry:
    """Who is connected here, which layer groups that needs, and which connection ids are used up."""

    def __init__(self, backplane: "Backplane") -> None:
        self._backplane = backplane
        self._by_id: dict[str, Connection] = {}
        self._by_user: dict[Key, set[Connection]] = defaultdict(set)
        self._by_group: dict[Key, set[Connection]] = defaultdict(set)
        # From the first request of a connection to its end; before the handshake it is nowhere else.
        self._transports: dict[str, Transport] = {}
        # What was posted to ids that have no transport yet.
        self._inboxes: dict[str, Inbox] = {}
        # id -> when its token can open nothing any more, in the order of their ends
        self._used: dict[str, float] = {}
        metrics.live.add(self)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._by_id.values()))

    @property
    def carried(self) -> int:
        """How many connections hold memory here, from their first request on."""
        return len(self._transports) + len(self._inboxes)

    def is_used(self, connection_id: str) -> bool:
        """Whether the id has belonged to a connection here that has ended."""
        now = time.monotonic()
        for each, until in tuple(self._used.items()):
            if until > now:
                break
            del self._used[each]
        return connection_id in self._used

    def transport_of(self, connection_id: str) -> Transport | None:
        return self._transports.get(connection_id)

    def waiting_inbox(self, connection_id: str) -> Inbox | None:
        """Where posts to an id go that has no transport yet."""
        return self._inboxes.get(connection_id)

    def pop_inbox(self, connection_id: str) -> Inbox | None:
        return self._inboxes.pop(connection_id, None)

    def new_inbox(self, connection_id: str) -> Inbox:
        """Makes one; those that never found a transport are dropped on the way."""
        oldest = time.monotonic() - hubs_settings.CONNECT_TIMEOUT
        for each, inbox in tuple(self._inboxes.items()):
            if inbox.created_at > oldest:
                break
            del self._inboxes[each]
            inbox.end(client_left=False)  # or a post that is larger than it holds would wait for ever
        return self._inboxes.setdefault(connection_id, Inbox())

    @contextmanager
    def carried_by(self, connection_id: str, transport: Transport) -> Iterator[None]:
        """Holds the id for one connection; afterwards it is used up."""
        self._transports[connection_id] = transport
        try:
            yield
        finally:
            del self._transports[connection_id]
            # A second more than the token's life: the stamp in the token counts whole seconds.
            self._used[connection_id] = time.monotonic() + hubs_settings.CONNECT_TIMEOUT + 1

    def get(self, connection_id: str) -> Connection | None:
        return self._by_id.get(connection_id)

    def add(self, connection: Connection) -> None:
        self._by_id[connection.id] = connection
        if connection.user_id is not None:
            self._by_user[connection.hub_name, connection.user_id].add(connection)

    def remove(self, connection: Connection) -> None:
        if self._by_id.pop(connection.id, None) is None:
            return
        if connection.user_id is not None:
            _discard(self._by_user, (connection.hub_name, connection.user_id), connection)
        for group in tuple(connection.groups):
            self.leave(connection, group)

    def join(self, connection: Connection, group: str) -> None:
        # Who has left meanwhile would stay in the group for ever.
        if group not in connection.groups and self._by_id.get(connection.id) is connection:
            connection.groups.add(group)
            self._by_group[connection.hub_name, group].add(connection)
            self._backplane.want(group_in_layer(connection.hub_name, group))

    def leave(self, connection: Connection, group: str) -> None:
        if group in connection.groups:
            connection.groups.discard(group)
            _discard(self._by_group, (connection.hub_name, group), connection)
            self._backplane.release(group_in_layer(connection.hub_name, group))

    def select(self, audience: Audience) -> list[Connection]:
        """Those of the audience that are connected here, each once."""
        return [
            connection
            for connection in self._found(audience)
            if connection.id not in audience.excluded and connection.hub_name == audience.hub
        ]

    def _found(self, audience: Audience) -> Iterable[Connection]:
        match audience.kind:
            case "all":
                return tuple(self._by_id.values())
            case "client":
                return [self._by_id[each] for each in set(audience.names) if each in self._by_id]
            case "user":
                return _union(self._by_user, audience)
            case "group":
                return _union(self._by_group, audience)


def _union(index: dict[Key, set[Connection]], audience: Audience) -> set[Connection]:
    return set().union(*(index.get((audience.hub, name), ()) for name in audience.names))


def _discard(index: dict[Key, set[Connection]], key: Key, connection: Connection) -> None:
    members = index.get(key)
    if members is not None:
        members.discard(connection)
        if not members:
            del index[key]
