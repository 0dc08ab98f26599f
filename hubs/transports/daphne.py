"""The one place that knows Daphne's inside: its send never waits, and it reads on whoever listens."""

import asyncio
import functools
import sys
from typing import Any

from hubs.auth import Send
from hubs.log_filters import shown_path

MAXIMUM_HELD = 65_536
LOOK_AGAIN = 0.05  # seconds


def bytes_held(send: Send) -> int:
    """How much Daphne holds for a client that does not read; 0 on servers whose send waits by itself."""
    transport = _transport(send)
    if transport is None:
        return 0
    held: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen  # noqa: SLF001 - see above
    return held


def is_full(send: Send) -> bool:
    return bytes_held(send) > MAXIMUM_HELD


async def room(send: Send) -> None:
    """Waits until Daphne holds little for the client; what comes meanwhile waits in our bounded outbox."""
    while is_full(send):  # noqa: ASYNC110 - Daphne has no event for it
        await asyncio.sleep(LOOK_AGAIN)


def pause(send: Send) -> None:
    """Has Daphne read nothing more from the client: what it reads waits in a queue without end."""
    transport = _transport(send)
    if transport is not None:
        transport.pauseProducing()


def resume(send: Send) -> None:
    transport = _transport(send)
    if transport is not None:
        transport.resumeProducing()


def abort(send: Send) -> None:
    """Drops the socket at once with all that Daphne holds for it."""
    transport = _transport(send)
    if transport is not None:
        transport.abortConnection()


def redact_access_log() -> None:
    """Daphne's access log, there unless --verbosity 0 is given, goes past logging and would print queries."""
    access: Any = sys.modules.get("daphne.access")
    if access is None or hasattr(access.AccessLogGenerator, "wrote"):
        return
    write = access.AccessLogGenerator.__call__

    def write_redacted(self: Any, protocol: str, action: str, details: dict[str, Any]) -> None:
        write(self, protocol, action, {**details, "path": shown_path(str(details["path"]))})

    access.AccessLogGenerator.wrote = write
    access.AccessLogGenerator.__call__ = write_redacted


def _transport(send: Send) -> Any | None:
    """Daphne's send is `partial(server.handle_reply, protocol)`, and the protocol has a Twisted transport."""
    if not isinstance(send, functools.partial) or len(send.args) != 1:
        return None
    transport = getattr(send.args[0], "transport", None)
    return transport if hasattr(transport, "_tempDataLen") else None
