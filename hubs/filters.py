"""Filters around calls, connects and disconnects: what runs before and after, outermost first."""

import functools
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string

from hubs.conf import hubs_settings

if TYPE_CHECKING:
    from hubs.hub import Hub
    from hubs.invocation import Call

Next = Callable[[], Awaitable[Any]]


class HubFilter:
    """Override what you need; each method must await `proceed` for the rest to happen, and return its result.

    Name filters in HUBS["FILTERS"] (dotted paths, for every hub) or in the hub's `filters`. They run after
    the permission classes, so a call that is unknown, badly shaped or forbidden is not seen here: count those
    by the signal `call_refused`. One object serves all connections. An exception fails the call or connect.
    """

    async def invoke(self, call: "Call", proceed: Next) -> Any:
        """Around one call; the result is the action's, for a stream its async iterator."""
        return await proceed()

    async def connect(self, hub: "Hub", proceed: Next) -> None:
        """Around the hub's on_connected."""
        await proceed()

    async def disconnect(self, hub: "Hub", error: Exception | None, proceed: Next) -> None:
        """Around the hub's on_disconnected."""
        await proceed()


def filters_of(hub: "type[Hub]") -> tuple[HubFilter, ...]:
    """The project's filters, then the hub's own."""
    return tuple(_filter(each) for each in (*hubs_settings.FILTERS, *hub.filters))


@functools.cache
def _filter(named: str | type[HubFilter]) -> HubFilter:
    found: type[HubFilter] = import_string(named) if isinstance(named, str) else named
    return found()


async def around_invoke(call: "Call", run: Next) -> Any:
    for each in reversed(call.hub.active_filters):
        run = functools.partial(each.invoke, call, run)
    return await run()


async def around_connect(hub: "Hub", run: Next) -> None:
    for each in reversed(filters_of(type(hub))):
        run = functools.partial(each.connect, hub, run)
    await run()


async def around_disconnect(hub: "Hub", error: Exception | None, run: Next) -> None:
    for each in reversed(filters_of(type(hub))):
        run = functools.partial(each.disconnect, hub, error, run)
    await run()
