"""The sockets on which the server listens, and how it stops to without losing who is at the door already."""

import asyncio
import ctypes
import select
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

LOOK_AGAIN = 0.005  # seconds
SO_ATTACH_FILTER = 26  # Linux; the socket module has no name for it
# A socket filter: packets with the flag SYN are dropped, the last step of a handshake that has begun is not.
FLAGS, SYN = 13, 0x02
NO_SYN = ((0x30, 0, 0, FLAGS), (0x45, 0, 1, SYN), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))
STEADY = 6  # looks in a row at which nobody waits any more


@dataclass(frozen=True, slots=True)
class Listener:
    """One listening socket; `is_shared` where other processes listen on it too, and go on."""

    socket: socket.socket
    is_shared: bool
    close: Callable[[], Any]


async def close(server: Any) -> None:
    """Lets nobody new in, lets in who has come already, then closes.

    Closing alone would reset the connections that wait to be accepted, with the requests that a proxy has
    sent on them: it must not send a POST a second time. Who comes in this moment is refused a second later.
    """
    found = [*_of_daphne(), *_of_uvicorn(server)]
    alone = [each for each in found if not each.is_shared]
    for listener in alone:
        _admit_nobody(listener.socket)
    quiet = 0
    while alone and quiet < STEADY:
        quiet = 0 if any(_somebody_waits(each.socket) for each in alone) else quiet + 1
        await asyncio.sleep(LOOK_AGAIN)
    for listener in found:
        listener.close()


def _of_daphne() -> Iterator[Listener]:
    reactor = sys.modules.get("twisted.internet.reactor")
    if reactor is None or not getattr(reactor, "running", False):
        return
    from twisted.internet.tcp import Port

    for port in reactor.getReaders():
        if isinstance(port, Port):
            # A socket that it was given by number is not shut down either, because others may hold it.
            yield Listener(port.socket, not port._shouldShutdown, port.stopListening)  # noqa: SLF001


def _of_uvicorn(server: Any) -> Iterator[Listener]:
    for each in getattr(server, "servers", ()):
        for listening in each.sockets:
            yield Listener(listening, not getattr(server, "listens_alone", False), each.close)


def _admit_nobody(listening: socket.socket) -> None:
    """Has the kernel drop what would begin a connection."""
    instructions = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in NO_SYN))
    program = struct.pack("HL", len(NO_SYN), ctypes.addressof(instructions))
    if sys.platform == "linux":
        with suppress(OSError):
            listening.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


def _somebody_waits(listening: socket.socket) -> bool:
    poll = select.poll()
    poll.register(listening.fileno(), select.POLLIN)
    return bool(poll.poll(0))
