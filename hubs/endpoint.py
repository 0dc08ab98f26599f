"""The HTTP face of a hub: who may come in, negotiate, and which request belongs to which transport."""

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.urls import re_path

from hubs import connection_tokens, connections, directory, errors, refresh, tickets
from hubs.auth import (
    NEGOTIATE,
    REFRESH,
    STATE,
    Receive,
    RequestState,
    Scope,
    Send,
    hub_path_of,
)
from hubs.claims import Request
from hubs.conf import HubOptions, hubs_settings
from hubs.executor import run
from hubs.permissions import may_connect
from hubs.protocol import negotiation
from hubs.responses import refuse, respond
from hubs.scopes import origin_of
from hubs.worker import current_worker

if TYPE_CHECKING:
    from hubs.hub import Hub

logger = logging.getLogger("hubs")

BELOW = "(?:/[a-z]+)?/?$"  # what a hub's route covers behind its own path


def asgi_path(pattern: str, app: Any) -> Any:
    """Django's `re_path()` for an ASGI application in a URLRouter; Django's own type knows views only."""
    return re_path(pattern, app)


def hub_path(route: str, app: Any) -> Any:
    """Like Django's `path()`, for a hub: covers its own URL and those below it, such as negotiate."""
    return re_path(f"^{re.escape(route.strip('/'))}{BELOW}", app)


async def serve(hub: "Hub", scope: Scope, receive: Receive, send: Send) -> None:
    """One request at the hub, HTTP or WebSocket, from its permission to its end."""
    state = scope.get(STATE)
    if not isinstance(state, RequestState) or not state.token_checked:
        raise ImproperlyConfigured(
            f"The request to {scope['path']} has not passed QueryStringTokenMiddleware, so every user would "
            "be anonymous. Put OriginMiddleware and QueryStringTokenMiddleware around the hub's routes."
        )
    if not await may_connect(hub, state.principal, scope):
        status = 403 if state.principal else 401
        await refuse(scope, state.send, status, "no token" if status == 401 else "permission denied")
    elif _ends_in(scope, NEGOTIATE) and scope["type"] == "http":
        await _negotiate(hub, scope, state)
    elif _ends_in(scope, REFRESH) and scope["type"] == "http":
        await refresh.serve(hub, scope, state)
    else:
        await _connection_request(hub, scope, receive, state)


def _ends_in(scope: Mapping[str, Any], part: str) -> bool:
    path: str = scope["path"]
    return path.rstrip("/").endswith(part)


async def _negotiate(hub: "Hub", scope: Scope, state: RequestState) -> None:
    if scope["method"] != "POST":
        await refuse(scope, state.send, 405, "method not allowed")
        return
    if not state.may_open:
        await refuse(scope, state.send, 401, "ticket too old")
        return
    if state.ticket is not None and await run(directory.is_ticket_used, state.ticket):
        await refuse(scope, state.send, 401, "ticket used")
        return
    try:
        version = negotiation.chosen_version(_first(state, "negotiateversion"))
    except errors.NegotiationError as error:
        body = negotiation.encode_error(str(error))
    else:
        path = hub_path_of(scope)
        wanted = (_first(state, "usestatefulreconnect") or "").lower() == "true"
        # A lost socket comes back with its ticket, which is too old by then: feeds resume instead.
        with_tickets = hubs_settings.QUERY_TOKEN != "jwt"
        stateful = wanted and not with_tickets and bool(HubOptions(hub.options).STATEFUL_RECONNECT)
        connection_id, token = connection_tokens.issue(
            hub=path, user=_user_of(state), version=version, stateful=stateful
        )
        body = negotiation.encode_response(
            version=version,
            connection_id=connection_id,
            token=token,
            transports=hub.route_transports,
            stateful=stateful,
            ticket=_ticket_for(connection_id, path, state) if with_tickets else None,
            token_lifetime=_refreshable_for(hub, state),
        )
    await respond(scope, state.send, 200, body.decode(), content_type=b"application/json")


def _ticket_for(connection_id: str, path: str, state: RequestState) -> str | None:
    """Whoever presents a ticket has one already: a client that falls back to its next transport."""
    if state.token is None:
        return None
    origin = origin_of(state.headers)
    return tickets.issue(state.token, hub=path, connection_id=connection_id, origin=origin)


async def _connection_request(hub: "Hub", scope: Scope, receive: Receive, state: RequestState) -> None:
    """A request for one connection: the id decides which, the method and headers what is done."""
    # Two ids are one that nobody has been given, as SignalR reads them.
    token = ",".join(state.query["id"]) if "id" in state.query else None
    is_fresh, is_stateful = token is None, False
    if token is not None:
        found = connection_tokens.read(token, hub=hub_path_of(scope), user=_user_of(state))
        if found is None:
            await refuse(scope, state.send, 404, "unknown connection id", errors.NO_SUCH_CONNECTION)
            return
        state.connection_id, is_fresh, is_stateful = found.connection_id, found.is_fresh, found.is_stateful
    await current_worker().reachable()
    request = Request(hub, scope, receive, state, is_fresh, is_stateful)
    transport = _transport_of(scope, state)
    if transport is not None and transport not in hub.route_transports:
        await refuse(scope, state.send, 404, "transport off", errors.transport_not_supported(transport))
    elif transport == negotiation.WEB_SOCKETS:
        await connections.open_websocket(request)
    elif scope["method"] not in {"GET", "POST", "DELETE"}:
        await request.refuse(405, "method not allowed")
    elif token is None:
        await request.refuse(400, "no connection id", errors.CONNECTION_ID_REQUIRED)
    elif scope["method"] == "POST":
        await connections.post(request)
    elif scope["method"] == "DELETE":
        await connections.delete(request)
    elif transport == negotiation.SERVER_SENT_EVENTS:
        await connections.open_event_stream(request)
    else:
        await connections.poll(request)


def _transport_of(scope: Mapping[str, Any], state: RequestState) -> str | None:
    """The transport that the request opens or goes on with; posts and DELETEs belong to any."""
    if scope["type"] == "websocket":
        return negotiation.WEB_SOCKETS
    if scope["method"] != "GET":
        return None
    return negotiation.SERVER_SENT_EVENTS if _wants_event_stream(state) else negotiation.LONG_POLLING


def _wants_event_stream(state: RequestState) -> bool:
    """SSE only where it stands first in Accept, as recorded."""
    accept = next((value for name, value in state.headers if name == b"accept"), b"")
    return accept.strip().lower().startswith(b"text/event-stream")


def _refreshable_for(hub: "Hub", state: RequestState) -> int | None:
    """Seconds that the presented token lives, None where a connection cannot be refreshed."""
    if state.principal is None or not HubOptions(hub.options).AUTHENTICATION_REFRESH:
        return None
    return refresh.lifetime(state.principal)


def _first(state: RequestState, name: str) -> str | None:
    """The first value of a query member; names are matched without regard to case."""
    values = state.query.get(name)
    return values[0] if values else None


def _user_of(state: RequestState) -> str | None:
    return state.principal.user_id if state.principal else None


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """The route for what is no hub: a quiet 404 where Channels would raise a traceback a scan."""
    await respond(scope, send, 404)
