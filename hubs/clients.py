"""Whom a hub can reach: `self.clients` and `self.groups`, and the same from outside of a hub."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hubs import sending
from hubs.audience import Audience, Kind, hub_name

if TYPE_CHECKING:
    from hubs.connection import Connection


class ClientProxy:
    """Some connections of a hub, on whichever worker they are."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience

    async def send(self, method: str, *arguments: Any) -> None:
        """Calls the client method on each of them; a client without such a method ignores it.

        Raises TypeError for an argument that no protocol carries. Connections of this worker are reached
        at once, those of others as far as the channel layer delivers.
        """
        await sending.send(self._audience, method, arguments)

    def send_sync(self, method: str, *arguments: Any) -> None:
        """The same from synchronous code: hands it to this process's thread and returns at once."""
        sending.send_sync(self._audience, method, arguments)


class SingleClientProxy(ClientProxy):
    """One connection, which can also be asked."""

    async def invoke(self, method: str, *arguments: Any, result_type: Any = Any) -> Any:
        """Calls the client method and returns its result as `result_type`.

        Raises HubError with the client's text when it answers with an error, ConnectionError when there is
        no such connection or it ends meanwhile, ValueError for a result of another type, TimeoutError after
        CLIENT_RESULT_TIMEOUT seconds.
        """
        return await sending.ask(self._audience, method, arguments, result_type)


class HubClients:
    """The connections of one hub, from wherever."""

    def __init__(self, hub: type) -> None:
        self._hub = hub_name(hub)

    @property
    def all(self) -> ClientProxy:
        return self._to("all")

    def all_except(self, connection_ids: Iterable[str]) -> ClientProxy:
        return self._to("all", excluded=connection_ids)

    def group(self, name: str) -> ClientProxy:
        return self._to("group", [name])

    def groups(self, names: Iterable[str]) -> ClientProxy:
        return self._to("group", names)

    def group_except(self, name: str, connection_ids: Iterable[str]) -> ClientProxy:
        return self._to("group", [name], connection_ids)

    def user(self, user_id: object) -> ClientProxy:
        return self._to("user", [str(user_id)])

    def users(self, user_ids: Iterable[object]) -> ClientProxy:
        return self._to("user", [str(each) for each in user_ids])

    def client(self, connection_id: str) -> SingleClientProxy:
        return SingleClientProxy(Audience(self._hub, "client", (connection_id,)))

    def clients(self, connection_ids: Iterable[str]) -> ClientProxy:
        return self._to("client", connection_ids)

    def _to(self, kind: Kind, names: Iterable[str] = (), excluded: Iterable[str] = ()) -> ClientProxy:
        return ClientProxy(Audience(self._hub, kind, tuple(names), tuple(excluded)))


class CallerClients(HubClients):
    """The connections of a hub, seen from one of them."""

    def __init__(self, connection: "Connection") -> None:
        super().__init__(connection.hub)
        self._id = connection.id

    @property
    def caller(self) -> SingleClientProxy:
        return self.client(self._id)

    @property
    def others(self) -> ClientProxy:
        return self.all_except([self._id])

    def others_in_group(self, name: str) -> ClientProxy:
        return self.group_except(name, [self._id])


class HubGroups:
    """Group membership of any connection of one hub. Names are free text and keep their case."""

    def __init__(self, hub: type) -> None:
        self._hub = hub_name(hub)

    async def add(self, group: str, connection_id: str) -> None:
        """Adds the connection; one that does not exist is nothing to complain about."""
        await sending.change_group(self._hub, connection_id, group, member=True)

    async def remove(self, group: str, connection_id: str) -> None:
        await sending.change_group(self._hub, connection_id, group, member=False)


class CallerGroups(HubGroups):
    """Group membership, by default of the connection itself."""

    def __init__(self, connection: "Connection") -> None:
        super().__init__(connection.hub)
        self._id = connection.id

    async def add(self, group: str, connection_id: str | None = None) -> None:
        await super().add(group, connection_id or self._id)

    async def remove(self, group: str, connection_id: str | None = None) -> None:
        await super().remove(group, connection_id or self._id)


class HubContext:
    """A hub from outside: services, commands and views send and disconnect through this."""

    def __init__(self, hub: type) -> None:
        self.clients = HubClients(hub)
        self.groups = HubGroups(hub)


def hub_context(hub: type) -> HubContext:
    """`hub_context(MyHub).clients.group("ward:icu").send_sync("Changed")`, from anywhere."""
    return HubContext(hub)


def disconnect(
    hub: type, *, user: object = None, connection: str | None = None, group: str | None = None
) -> None:
    """Closes the connections of a user, one connection or those of a group, for good; returns at once."""
    name = hub_name(hub)
    if user is not None:
        sending.disconnect_sync(Audience(name, "user", (str(user),)))
    if connection is not None:
        sending.disconnect_sync(Audience(name, "client", (connection,)))
    if group is not None:
        sending.disconnect_sync(Audience(name, "group", (group,)))
