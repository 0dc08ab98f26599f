"""To whom a hub sends: `self.clients` and `self.groups`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hubs.protocol.messages import Invocation

if TYPE_CHECKING:
    from hubs.connection import Connection


class ClientProxy:
    """Some connections, to which one method call can be sent."""

    def __init__(self, connections: Iterable["Connection"]) -> None:
        self._connections = connections

    async def send(self, method: str, *arguments: Any) -> None:
        """Calls the client method; a client that has no such method ignores it."""
        message = Invocation(method, arguments)
        for connection in self._connections:
            connection.send(message)


class Clients:
    """The connections that a hub can reach, seen from one of them."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    @property
    def caller(self) -> ClientProxy:
        return ClientProxy([self._connection])


class Groups:
    """Group membership of connections."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection

    async def add(self, group: str) -> None:
        self._connection.worker.registry.join(self._connection, group)

    async def remove(self, group: str) -> None:
        self._connection.worker.registry.leave(self._connection, group)
