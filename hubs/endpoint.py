"""The HTTP face of a hub: negotiate, the upgrade to a WebSocket, and the refusals with SignalR's statuses."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, re_path

from hubs import connection_tokens, errors
from hubs.auth import STATE, Receive, RequestState, Scope, Send, refuse, respond
from hubs.connection import Connection
from hubs.lifecycle import live
from hubs.permissions import PermissionRequest, all_granted
from hubs.protocol import negotiation
from hubs.transports.websocket import WebSocketTransport
from hubs.worker import current_worker

if TYPE_CHECKING:
    from hubs.hub import Hub

NEGOTIATE = "/negotiate"
TRANSPORTS = (negotiation.WEB_SOCKETS,)


def hub_path(route: str, app: Any) -> URLPattern:
    """Like Django's `path()`, for a hub: covers its own URL and those below it, such as negotiate."""
    covered: URLPattern = re_path(rf"^{re.escape(route.strip('/'))}(?:/[a-z]+)?/?$", app)
    return covered


async def serve(hub: "Hub", scope: Scope, receive: Receive, send: Send) -> None:
    """One request at the hub, HTTP or WebSocket, from its permission to its end."""
    state = scope.get(STATE)
    if not isinstance(state, RequestState) or not state.token_checked:
        raise ImproperlyConfigured(
            f"The request to {scope['path']} has not passed QueryStringTokenMiddleware, so every user would "
            "be anonymous. Put OriginMiddleware and QueryStringTokenMiddleware around the hub's routes."
        )
    if not await _allowed(hub, scope, state):
        status = 403 if state.principal else 401
        await refuse(scope, state.send, status, "no token" if status == 401 else "permission denied")
    elif scope["type"] == "websocket":
        await _open_websocket(hub, scope, receive, state)
    elif scope["path"].rstrip("/").endswith(NEGOTIATE):
        await _negotiate(scope, state)
    else:
        await _answer_http(scope, state)


async def _allowed(hub: "Hub", scope: Mapping[str, Any], state: RequestState) -> bool:
    principal = state.principal
    request = PermissionRequest(
        user=principal.user if principal else AnonymousUser(),
        claims=principal.claims if principal else {},
        hub=type(hub),
        scope=scope,
    )
    # A route without classes of its own leaves the decision to the hub; a hub without any lets nobody in.
    route_passes = not hub.route_permission_classes or await all_granted(
        hub.route_permission_classes, request
    )
    return route_passes and await all_granted(type(hub).permission_classes, request)


async def _negotiate(scope: Scope, state: RequestState) -> None:
    if scope["method"] != "POST":
        await respond(scope, state.send, 405)
        return
    try:
        version = negotiation.chosen_version(_first(state, "negotiateversion"))
    except errors.NegotiationError as error:
        body = negotiation.encode_error(str(error))
    else:
        connection_id, token = connection_tokens.issue(
            hub=_hub_of(scope), user=_user_of(state), version=version
        )
        body = negotiation.encode_response(
            version=version, connection_id=connection_id, token=token, transports=TRANSPORTS
        )
    await respond(scope, state.send, 200, body.decode(), content_type=b"application/json")


async def _answer_http(scope: Scope, state: RequestState) -> None:
    """What is no upgrade: only the refusals, as long as WebSockets are the only transport."""
    method = scope["method"]
    if method not in {"GET", "POST", "DELETE"}:
        await respond(scope, state.send, 405)
        return
    token = _first(state, "id")
    if token is None:
        await respond(scope, state.send, 400, errors.CONNECTION_ID_REQUIRED)
        return
    found = connection_tokens.read(token, hub=_hub_of(scope), user=_user_of(state))
    if found is None or current_worker().registry.get(found[0]) is None:
        await respond(scope, state.send, 404, errors.NO_SUCH_CONNECTION)
    elif method == "POST":
        await respond(scope, state.send, 405, errors.POST_TO_WEBSOCKET)
    else:
        text = errors.DELETE_REFUSED if method == "DELETE" else errors.CHANGED_TRANSPORT
        await respond(scope, state.send, 400, text)


async def _open_websocket(hub: "Hub", scope: Scope, receive: Receive, state: RequestState) -> None:
    """Finds or makes the connection's id, completes the upgrade and serves the connection to its end."""
    worker = current_worker()
    token = _first(state, "id")
    if token is not None:
        found = connection_tokens.read(token, hub=_hub_of(scope), user=_user_of(state))
        if found is not None and worker.registry.is_taken(found[0]):
            state.connection_id = found[0]
            await refuse(scope, state.send, 409, "connection id in use")
            return
        if found is None or not found[1] or worker.registry.is_used(found[0]):
            await refuse(scope, state.send, 404, "unknown connection id", errors.NO_SUCH_CONNECTION)
            return
        state.connection_id = found[0]
    with worker.registry.taken(state.connection_id):
        await _live(hub, scope, receive, state)


async def _live(hub: "Hub", scope: Scope, receive: Receive, state: RequestState) -> None:
    transport = WebSocketTransport(receive, state.send)
    hub.attach(
        Connection(
            connection_id=state.connection_id,
            hub=type(hub),
            request=state,
            scope=scope,
            transport=transport,
            worker=current_worker(),
        )
    )
    if await transport.accept():
        await live(hub)


def _first(state: RequestState, name: str) -> str | None:
    """The first value of a query member; names are matched without regard to case."""
    values = state.query.get(name)
    return values[0] if values else None


def _hub_of(scope: Mapping[str, Any]) -> str:
    """What binds a connection token to its hub: the path on which it is served."""
    path: str = scope["path"].rstrip("/")
    return path.removesuffix(NEGOTIATE)


def _user_of(state: RequestState) -> str | None:
    return state.principal.user_id if state.principal else None


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """The route for what is no hub: a quiet 404 where Channels would raise a traceback a scan."""
    await respond(scope, send, 404)
