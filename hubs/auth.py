"""Who a request is: origin, bearer token from header or query, and the two middlewares that look at them."""

import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl

from channels.auth import AuthMiddleware
from channels.sessions import CookieMiddleware, SessionMiddleware
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from hubs import cors, metrics, tickets
from hubs.conf import hubs_settings
from hubs.connection_tokens import new_connection_id, shown
from hubs.executor import run

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger("hubs")

STATE = "hubs"  # where our own state stands in the scope
MAXIMUM_TOKEN_LENGTH = 8192
# What comes behind a hub's own path.
NEGOTIATE = "/negotiate"
REFRESH = "/refresh"


class InvalidToken(Exception):
    """A presented token is no good; the text is the reason for the log, never for the client."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who a good token speaks for: a user (any object with `pk`), the claims, and its end in Unix seconds."""

    user: Any
    claims: Mapping[str, Any]
    expires_at: float

    @property
    def user_id(self) -> str:
        return str(self.user.pk)


@dataclass(slots=True)
class RequestState:
    """What our middlewares know of one request; the hub refuses a request that lacks it."""

    connection_id: str
    # The server's own send, for HTTP with the CORS headers: the session middleware's wrapper costs more than
    # a frame.
    send: Send
    server_send: Send
    headers: list[tuple[bytes, bytes]]
    principal: Principal | None = None
    token_checked: bool = False
    # Before the user was read, on the clock of time.monotonic.
    verified_at: float = 0.0
    # The bearer token itself, for the ticket of a negotiation; None where a ticket was presented.
    token: str | None = None
    # False for an old ticket, which opens nothing any more.
    may_open: bool = True
    query: dict[str, list[str]] = field(default_factory=dict)
    # What goes on for hours: run by the outermost middleware, so that the frames and scopes of the whole
    # stack need not stay in memory for every socket.
    then: Callable[[], Awaitable[None]] | None = None


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
    state.may_open = ticket.is_fresh
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
        return _checked(bearers[0][6:].strip().decode("latin-1")), False
    if not _below(scope["path"], hubs_settings.PATH_PREFIX):
        return None, True
    tokens = scope[STATE].query.get("access_token", [])
    if len(tokens) > 1:
        raise InvalidToken("access_token given twice")
    return (_checked(tokens[0]) if tokens else None), True


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
            query.setdefault(name.lower(), []).append(value)
    except (UnicodeDecodeError, ValueError):
        return None
    return query


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


async def refuse(scope: Scope, send: Send, status: int, reason: str, text: str = "") -> None:
    """Answers the request with the status and `text` (SignalR's clients show it), and logs one warning.

    Daphne cannot refuse an upgrade with anything but an empty 403: it lacks the response extension.
    """
    logger.warning(
        "refused",
        extra={
            "reason": reason,
            "status": status,
            "hub": scope["path"],
            "connection": shown(scope[STATE].connection_id),
            **_who(scope[STATE].principal),
            **address_of(scope),
        },
    )
    metrics.refused(reason)
    await respond(scope, send, status, text)


async def respond(
    scope: Scope, send: Send, status: int, body: str | bytes = "", *, content_type: bytes | None = None
) -> None:
    """A whole HTTP answer, also to an upgrade where the server can send one."""
    kind = content_type or (b"text/plain" if isinstance(body, str) else b"application/octet-stream")
    body = body.encode() if isinstance(body, str) else body
    headers = [
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-cache, no-store"),
        (b"content-type", kind),
    ]
    prefix = "http.response"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            await send({"type": "websocket.close"})
            return
        prefix = "websocket.http.response"
    try:
        await send({"type": f"{prefix}.start", "status": status, "headers": headers})
        await send({"type": f"{prefix}.body", "body": body})
    except Exception as error:  # noqa: BLE001 - uvicorn has answered itself, at garbage behind the request
        logger.info("answer not taken", extra={"reason": type(error).__name__, **address_of(scope)})


def _who(principal: Principal | None) -> dict[str, Any]:
    if principal is None:
        return {"user": None, "role": None}
    return {"user": principal.user_id, "role": getattr(principal.user, "role", None)}


def address_of(scope: Mapping[str, Any]) -> dict[str, Any]:
    return {"address": (scope.get("client") or (None,))[0]}
