"""What stands in the scope of a request: who it speaks for, where it comes from, and our own state."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

STATE = "hubs"  # where our own state stands in the scope
LONGEST_ORIGIN = 200  # characters that are kept of what a client says


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
    # The connection id with which the presented ticket was handed out; None where none was presented.
    ticket: str | None = None
    # False for an old ticket, which opens nothing any more.
    may_open: bool = True
    query: dict[str, list[str]] = field(default_factory=dict)
    # What goes on for hours: run by the outermost middleware, so that the frames and scopes of the whole
    # stack need not stay in memory for every socket.
    then: Callable[[], Awaitable[None]] | None = None


def session_of(principal: Principal | None) -> str:
    """The login that the token belongs to, as OpenID Connect names it; "" where it names none."""
    return str(principal.claims.get("sid") or "") if principal else ""


def address_of(scope: Mapping[str, Any]) -> dict[str, Any]:
    return {"address": (scope.get("client") or (None,))[0]}


def origin_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Which page the request comes from, as its client says; None where none does."""
    origin = next((value for name, value in headers if name == b"origin"), None)
    return None if origin is None else origin.decode("latin-1").lower()[:LONGEST_ORIGIN]
