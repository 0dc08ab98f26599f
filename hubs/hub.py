"""The base class of hubs: a Channels consumer, one object a connection."""

import functools
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from channels.consumer import AsyncConsumer
from django.contrib.auth.models import AnonymousUser

from hubs import endpoint, lifecycle
from hubs.actions import ActionTable, table_of
from hubs.clients import CallerClients, CallerGroups
from hubs.connection import Connection
from hubs.connection_tokens import shown
from hubs.errors import CloseReason
from hubs.feeds.log import LoggedEvent
from hubs.feeds.subscriptions import Subscriptions
from hubs.filters import HubFilter, filters_of
from hubs.permissions import BasePermission
from hubs.protocol.negotiation import TRANSPORTS
from hubs.scopes import address_of

if TYPE_CHECKING:
    from hubs.dispatch import Dispatcher


class Hub(AsyncConsumer):
    """Methods marked with `@action` that clients call, and what they need to answer.

    Routed like any consumer, `MyHub.as_asgi(permission_classes=[...])`; the route's classes, the hub's and
    the action's must all pass. `transports=[...]` leaves some out. Channels' own dispatch is not used: it
    runs a thread hop a message.
    """

    # Who may connect; every action needs it too. Without any, nobody may and the server does not start.
    permission_classes: Sequence[type[BasePermission]] = ()
    # Settings of HUBS that this hub has otherwise; see hubs.conf.HUB_OPTIONS.
    options: Mapping[str, Any] = MappingProxyType({})
    # Filters around this hub's calls, inside of those of HUBS["FILTERS"].
    filters: Sequence[type[HubFilter]] = ()
    # The events that its feeds send, for `manage.py hubs --format typescript`; nothing else asks for them.
    events: Sequence[type] = ()

    def __init__(
        self,
        permission_classes: Sequence[type[BasePermission]] = (),
        transports: Sequence[str] = TRANSPORTS,
    ) -> None:
        self.route_permission_classes = tuple(permission_classes)
        self.route_transports = tuple(transports)

    # The stubs know Channels' consumer types only; ours are ASGI's.
    scope: Any
    # What handles the connection's messages, from the handshake on.
    dispatcher: "Dispatcher"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        await endpoint.serve(self, scope, receive, send)

    async def live(self) -> None:
        """Serves the attached connection to its end."""
        await lifecycle.live(self)

    def attach(self, connection: Connection) -> None:
        """Called once, before anything else of this connection."""
        self.connection = connection
        self.active_filters = filters_of(type(self))

    @property
    def clients(self) -> CallerClients:
        """Whom the hub can reach: caller, others, all, groups, users, connections."""
        return CallerClients(self.connection)

    @property
    def groups(self) -> CallerGroups:
        """Adds connections to groups and removes them, by default this one."""
        return CallerGroups(self.connection)

    @property
    def feeds(self) -> Subscriptions:
        """Follows feeds and unfollows them."""
        return Subscriptions(self)

    @classmethod
    @functools.cache
    def actions(cls) -> ActionTable:
        return table_of(cls)

    @property
    def user(self) -> Any:
        """The user that the token speaks for; AnonymousUser where the hub welcomes everybody."""
        principal = self.connection.principal
        return principal.user if principal else AnonymousUser()

    @property
    def claims(self) -> Mapping[str, Any]:
        principal = self.connection.principal
        return principal.claims if principal else {}

    @property
    def connection_id(self) -> str:
        return self.connection.id

    @property
    def items(self) -> dict[str, Any]:
        """Whatever the hub's own code wants to keep with the connection."""
        return self.connection.items

    def feed_view(self, feed: str) -> str:
        """In which view this connection follows the feed; asked when it begins to. See `shape`."""
        return ""

    @staticmethod
    def shape(event: LoggedEvent, view: str) -> Any:
        """What a reader of that view sees of an event: JSON as bytes, a struct, or None for nothing.

        Called once a worker, event and view, whatever the number of readers.
        """
        return event.payload

    def abort(self) -> None:
        """Closes the connection for good: the client does not come back by itself."""
        self.connection.close(CloseReason.ABORTED)

    async def on_connected(self) -> None:
        """Runs after the handshake and before any action. An exception closes the connection for good."""

    async def on_disconnected(self, error: Exception | None) -> None:
        """Runs once when the connection has ended; `error` is None after a goodbye."""

    def log_fields(self) -> dict[str, Any]:
        """What every log line of this connection carries; never a token, an argument or a payload."""
        return {
            "connection": shown(self.connection.id),
            "user": self.connection.user_id,
            "role": getattr(self.user, "role", None),
            "hub": type(self).__name__,
            "transport": self.connection.transport.name,
            **address_of(self.scope),
        }
