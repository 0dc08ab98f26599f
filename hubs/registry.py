"""The connections of this worker by id, user and group."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from hubs.conf import hubs_settings
from hubs.connection import Connection


class Registry:
    """Who is connected here, and which connection ids are used up."""

    def __init__(self) -> None:
        self._by_id: dict[str, Connection] = {}
        self._by_user: dict[tuple[type, str], set[Connection]] = defaultdict(set)
        self._by_group: dict[tuple[type, str], set[Connection]] = defaultdict(set)
        # Ids between their upgrade and their end: before the handshake there is no connection yet.
        self._taken: set[str] = set()
        # id -> when its token can open nothing any more, in the order of their ends
        self._used: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._by_id.values()))

    def is_used(self, connection_id: str) -> bool:
        """Whether the id has belonged to a connection here that has ended."""
        now = time.monotonic()
        for each, until in tuple(self._used.items()):
            if until > now:
                break
            del self._used[each]
        return connection_id in self._used

    def is_taken(self, connection_id: str) -> bool:
        return connection_id in self._taken

    @contextmanager
    def taken(self, connection_id: str) -> Iterator[None]:
        """Holds the id for one connection; afterwards it is used up."""
        self._taken.add(connection_id)
        try:
            yield
        finally:
            self._taken.discard(connection_id)
            # A second more than the token's life: the stamp in the token counts whole seconds.
            self._used[connection_id] = time.monotonic() + hubs_settings.CONNECT_TIMEOUT + 1

    def get(self, connection_id: str) -> Connection | None:
        return self._by_id.get(connection_id)

    def add(self, connection: Connection) -> None:
        self._by_id[connection.id] = connection
        if connection.user_id is not None:
            self._by_user[connection.hub, connection.user_id].add(connection)

    def remove(self, connection: Connection) -> None:
        self._by_id.pop(connection.id, None)
        if connection.user_id is not None:
            _discard(self._by_user, (connection.hub, connection.user_id), connection)
        for group in tuple(connection.groups):
            self.leave(connection, group)

    def join(self, connection: Connection, group: str) -> None:
        connection.groups.add(group)
        self._by_group[connection.hub, group].add(connection)

    def leave(self, connection: Connection, group: str) -> None:
        connection.groups.discard(group)
        _discard(self._by_group, (connection.hub, group), connection)

    def of_hub(self, hub: type) -> Iterable[Connection]:
        return [connection for connection in self._by_id.values() if connection.hub is hub]

    def of_user(self, hub: type, user_id: str) -> Iterable[Connection]:
        return tuple(self._by_user.get((hub, user_id), ()))

    def of_group(self, hub: type, group: str) -> Iterable[Connection]:
        return tuple(self._by_group.get((hub, group), ()))


def _discard(
    index: dict[tuple[type, str], set[Connection]], key: tuple[type, str], connection: Connection
) -> None:
    members = index.get(key)
    if members is not None:
        members.discard(connection)
        if not members:
            del index[key]
