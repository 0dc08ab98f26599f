"""Who a request is: origin, bearer token from header or query, and the two middlewares that look at them."""

import logging
import re
import time
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import parse_qsl

from channels.auth import AuthMiddleware
from channels.sessions import CookieMiddleware, SessionMiddleware
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from hubs import cors, tickets
from hubs.conf import hubs_settings
from hubs.connection_tokens import new_connection_id
from hubs.executor import run
from hubs.responses import refuse
from hubs.scopes import STATE, App, Principal, Receive, RequestState, Scope, Send, origin_of

__all__ = [
    "MAXIMUM_TOKEN_LENGTH",
    "NEGOTIATE",
    "REFRESH",
    "STATE",
    "App",
    "InvalidToken",
    "OriginMiddleware",
    "Principal",
    "QueryStringTokenMiddleware",
    "Receive",
    "RequestState",
    "Scope",
    "Send",
    "bearer_token",
    "hub_path_of",
]

logger = logging.getLogger("hubs")

MAXIMUM_TOKEN_LENGTH = 8192
WEBSOCKET_VERSION = b"13"
# What comes behind a hub's own path.
NEGOTIATE = "/negotiate"
REFRESH = "/refresh"


class InvalidToken(Exception):
    """A presented token is no good; the text is the reason for the log, never for the client."""


class OriginMiddleware:
    """Outermost: refuses a foreign Origin before any token is looked at, and keeps the server's `send`.

    A missing Origin passes: browsers always send one with an upgrade, and no cookie opens a hub.
    """

    def __init__(self, inner: Any) -> None:
        self.inner: App = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = _query(scope)
        state = RequestState(new_connection_id(), send, send, list(scope["headers"]), query=query or {})
        scope = {**scope, STATE: state}
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        if query is None:
            await refuse(scope, send, 400, "query is not UTF-8")
        elif _is_of_a_draft(scope):
            await refuse(scope, send, 400, "WebSocket version")
        elif not _allowed(origins):
            await refuse(scope, send, 403, "origin not allowed")
        elif not origins or scope["type"] != "http":
            await self.inner(scope, receive, send)
            del scope
            if state.then is not None:
                await state.then()
        else:
            state.send = cors.allowing(origins[0], send)
            await self._for_page(scope, receive, state.send)

    async def _for_page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An HTTP request of a page, which asks first when it comes from another origin."""
        if not cors.is_preflight(scope["method"], scope["headers"]):
            await self.inner(scope, receive, send)
            return
        headers = cors.preflight_headers(scope["headers"])
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


class QueryStringTokenMiddleware:
    """Verifies the bearer token and sets `scope["user"]`; stands ahead of AuthMiddlewareStack.

    The session cookie is taken off the scope, so that the stack asks the database nothing and a cookie
    alone opens no hub. A presented bad token is refused, whatever cookie comes along.
    """

    def __init__(self, inner: Any) -> None:
        self.inner: App = inner
        self._app = _past_sessions(inner)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state: RequestState = scope[STATE]
        try:
            token = _token_of(scope, state)
            if token is not None:
                state.verified_at = time.monotonic()
                state.principal = await run(hubs_settings.verify, token)
        except InvalidToken as error:
            await refuse(scope, send, 401, f"bad token: {error}")
            return
        except Exception as error:
            logger.error("tokens cannot be verified", exc_info=error)
            await refuse(scope, send, 503, "tokens cannot be verified")
            return
        state.token_checked = True
        scope = {**scope, "headers": _without_session_cookie(scope["headers"])}
        scope["user"] = state.principal.user if state.principal else AnonymousUser()
        await self._app(scope, receive, send)


def _past_sessions(inner: Any) -> App:
    """The application behind AuthMiddlewareStack, which has no session to look up and no user to find.

    It would ask all the same, in the one thread that Django's synchronous views share: a slow view would
    then hold up every connection. The cookies that are left stay in the scope; a session is not there.
    """
    if (
        type(inner) is CookieMiddleware
        and type(sessions := inner.inner) is SessionMiddleware
        and type(users := sessions.inner) is AuthMiddleware
    ):
        inner = CookieMiddleware(users.inner)
    return cast(App, inner)


def _token_of(scope: Scope, state: RequestState) -> str | None:
    """The token to verify: what was presented, or what the ticket stands for. Raises InvalidToken."""
    presented, in_query = bearer_token(scope)
    if presented is None:
        return None
    if not tickets.is_ticket(presented):
        if in_query and hubs_settings.QUERY_TOKEN == "ticket":
            raise InvalidToken("a token in the query, where only tickets are taken")
        state.token = presented
        return presented
    no_tickets = hubs_settings.QUERY_TOKEN == "jwt"
    ticket = None if no_tickets else tickets.read(presented, hub=hub_path_of(scope))
    if ticket is None:
        raise InvalidToken("a ticket that is not ours, or of another hub")
    if not ticket.is_for_page(origin_of(scope["headers"])):
        raise InvalidToken("a ticket of another page")
    state.may_open = ticket.is_fresh
    # A start that names no connection uses up the one that was negotiated with the ticket.
    state.connection_id = state.ticket = ticket.connection_id
    return ticket.token


def bearer_token(scope: Scope) -> tuple[str | None, bool]:
    """(what the request presents or None, was it in the query). Raises InvalidToken for an unusable one.

    The Authorization header wins; `access_token` in the query counts below PATH_PREFIX only, and only
    where there is no such header. Several at once are refused (RFC 6750, section 2: one method only).
    """
    headers = [value for name, value in scope["headers"] if name == b"authorization"]
    bearers = [value for value in headers if value[:6].lower() == b"bearer"]
    if bearers:
        if len(headers) > 1:
            raise InvalidToken("several Authorization headers")
        return _checked(_behind_scheme(bearers[0])), False
    if not _below(scope["path"], hubs_settings.PATH_PREFIX):
        return None, True
    tokens = scope[STATE].query.get("access_token", [])
    if len(tokens) > 1:
        raise InvalidToken("access_token given twice")
    return (_checked(tokens[0]) if tokens else None), True


def _behind_scheme(header: bytes) -> str:
    """What stands behind "Bearer" and a space; with a tab or nothing between them it is another scheme's."""
    match = re.fullmatch(rb"(?i)bearer +(\S+) *", header)
    return match[1].decode("latin-1") if match else ""


def _checked(token: str) -> str:
    if len(token) > MAXIMUM_TOKEN_LENGTH:
        raise InvalidToken("longer than any token of ours")
    if not re.fullmatch(r"[A-Za-z0-9_=.~+/-]+", token):
        raise InvalidToken("not a bearer token")
    return token


def hub_path_of(scope: Mapping[str, Any]) -> str:
    """What binds ids and tickets to their hub: the path on which it is served."""
    path: str = scope["path"].rstrip("/")
    return path.removesuffix(NEGOTIATE).removesuffix(REFRESH)


def _below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix.rstrip('/')}/")


def _query(scope: Scope) -> dict[str, list[str]] | None:
    """The query's members by lower-case name, as SignalR reads them; None when it is not UTF-8."""
    query: dict[str, list[str]] = {}
    try:
        text = scope.get("query_string", b"").decode("ascii")
        for name, value in parse_qsl(text, keep_blank_values=True, errors="strict"):
            # Outside of ASCII there are letters whose small form is one of ours.
            query.setdefault(name.lower() if name.isascii() else name, []).append(value)
    except (UnicodeDecodeError, ValueError):
        return None
    return query


def _is_of_a_draft(scope: Scope) -> bool:
    """A socket of another version than RFC 6455's: Daphne takes draft 8, whose Origin has another name."""
    versions = [value for name, value in scope["headers"] if name == b"sec-websocket-version"]
    return scope["type"] == "websocket" and versions not in ([], [WEBSOCKET_VERSION])


def _allowed(origins: list[bytes]) -> bool:
    allowed = hubs_settings.ALLOWED_ORIGINS or []
    if not origins or "*" in allowed:
        return True
    return len(origins) == 1 and origins[0].decode("latin-1").lower() in {each.lower() for each in allowed}


def _without_session_cookie(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [
        (name, _cookies_but_session(value)) if name == b"cookie" else (name, value) for name, value in headers
    ]


def _cookies_but_session(header: bytes) -> bytes:
    # As text, which is how Django reads it: bytes know less white space that it would strip from a name.
    cookies = [each.strip() for each in header.decode("latin-1").split(";")]
    kept = [each for each in cookies if each.partition("=")[0].strip() != settings.SESSION_COOKIE_NAME]
    return "; ".join(kept).encode("latin-1")
