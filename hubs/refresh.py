"""A newer token for a connection that stays open: .NET 11's endpoint, and an action for older clients."""

import logging
import time
from typing import TYPE_CHECKING, Any

import msgspec

from hubs import connection_tokens, directory, forwarding, rights
from hubs.actions import action
from hubs.auth import InvalidToken, Principal, RequestState, Scope, hub_path_of
from hubs.conf import HubOptions, hubs_settings
from hubs.errors import HubError
from hubs.executor import run
from hubs.forwarding import Answer
from hubs.permissions import IsAuthenticated
from hubs.responses import refuse, respond
from hubs.scopes import address_of
from hubs.worker import current_worker

if TYPE_CHECKING:
    from hubs.connection import Connection
    from hubs.hub import Hub

logger = logging.getLogger("hubs")

# The words of .NET 11, which its clients know.
DISABLED = "refresh_disabled"
NO_CONNECTION_TOKEN = "missing_connection_token"
NOT_FOUND = "connection_not_found"
OLD_NEGOTIATE = "unsupported_negotiate_version"
INVALID_TOKEN = "invalid_token"
REJECTED = "permission_change_rejected"

INVALID = "The token is not valid."
OTHER_USER = "The token is another user's."


async def serve(hub: "Hub", scope: Scope, state: RequestState) -> None:
    """`POST {hub}/refresh?id=` with a newer bearer token; errors leave the connection as it is."""
    if scope["method"] != "POST":
        await refuse(scope, state.send, 405, "method not allowed")
        return
    status, body = await _answer(hub, scope, state)
    if status >= 400:
        extra = {"reason": msgspec.json.decode(body)["error"], "status": status, **address_of(scope)}
        logger.warning("refresh refused", extra=extra)
    await respond(scope, state.send, status, body, content_type=b"application/json")


async def _answer(hub: "Hub", scope: Scope, state: RequestState) -> Answer:
    token = ",".join(state.query.get("id", ()))
    if not HubOptions(hub.options).AUTHENTICATION_REFRESH:
        return 404, _error(DISABLED)
    if not token:
        return 400, _error(NO_CONNECTION_TOKEN)
    if state.principal is None or state.token is None:  # a ticket is no newer than what it stands for
        return 401, _error(INVALID_TOKEN)
    found = await _read(token, hub_path_of(scope), state.principal.user_id)
    if found is None:
        return 404, _error(NOT_FOUND)
    if found.connection_id == token:
        return 400, _error(OLD_NEGOTIATE)
    worker = current_worker()
    if (connection := worker.registry.get(found.connection_id)) is not None:
        taken = await rights.refresh(connection, state.principal.user_id, state.principal)
        return accepted(state.principal) if taken else (403, _error(REJECTED))
    place = await run(directory.find, found.connection_id)
    if place is None or place.has_ended or place.worker == worker.backplane.name:
        return 404, _error(NOT_FOUND)
    status, _ = await forwarding.forward(worker, place, "REFRESH", found.connection_id, state.principal, b"")
    if status == 200:
        return accepted(state.principal)
    return status, _error(REJECTED if status == 403 else NOT_FOUND)


async def _read(token: str, path: str, user: str) -> connection_tokens.ConnectionToken | None:
    """What the connection token says, also one of another user: that connection is to be closed."""
    if found := connection_tokens.read(token, hub=path, user=user):
        return found
    owner = await run(directory.owner_of, token[: connection_tokens.ID_LENGTH])
    return connection_tokens.read(token, hub=path, user=owner) if owner is not None else None


def accepted(principal: Principal) -> Answer:
    return 200, msgspec.json.encode({"tokenLifetimeSeconds": lifetime(principal)})


def lifetime(principal: Principal) -> int:
    """Whole seconds that the token still lives."""
    return max(0, int(principal.expires_at - time.time()))


class AuthenticationRefresh:
    """For hubs whose clients cannot refresh by themselves: `class MyHub(AuthenticationRefresh, Hub)`."""

    connection: "Connection"

    @action(permission_classes=[IsAuthenticated], resource="a token of the same user")
    async def refresh_authentication(self, access_token: str) -> int:
        """Takes a newer token over; answers how long it lives. Another user's closes the connection."""
        try:
            principal: Any = await run(hubs_settings.verify, access_token)
        except InvalidToken as error:
            fields = self.connection.instance.log_fields()
            logger.warning("refresh refused", extra={"reason": str(error), **fields})
            raise HubError(INVALID) from None
        if not await rights.refresh(self.connection, principal.user_id, principal):
            raise HubError(OTHER_USER)
        return lifetime(principal)


def _error(code: str) -> bytes:
    return msgspec.json.encode({"error": code})
