"""The life of one connection, whatever its transport: handshake, on_connected, messages, on_disconnected."""

import asyncio
import functools
import logging
import time
from typing import TYPE_CHECKING

from hubs import directory, filters, metrics, refused, rights, signals
from hubs.connection import Connection
from hubs.dispatch import Dispatcher
from hubs.errors import (
    HANDSHAKE_CANCELED,
    HANDSHAKE_FAILED,
    TICKET_USED,
    CloseReason,
    HandshakeError,
    MessageTooLarge,
    ProtocolError,
    protocol_not_supported,
    suffix,
    transport_is_not_binary,
)
from hubs.executor import run
from hubs.protocol import handshake
from hubs.protocol.framing import RECORD_SEPARATOR
from hubs.protocol.protocols import PROTOCOLS
from hubs.scopes import origin_of
from hubs.states import State

if TYPE_CHECKING:
    from hubs.hub import Hub

logger = logging.getLogger("hubs")

CLOSE_TIMEOUT = 5.0  # seconds that a client gets to answer our close
# Seconds between the handshake's answer and a close that follows at once. In one read with the answer it
# would make the stock client's start fail, which then neither closes nor reconnects.
AFTER_HANDSHAKE = 0.1


async def live(hub: "Hub") -> None:
    """Serves the connection until it has ended and the hub has heard of it."""
    connection = hub.connection
    dispatcher: Dispatcher | None = None
    try:
        await connection.worker.backplane.serve_hub(connection.hub_name)
        rest = await _shake_hands(hub)
        if rest is None:
            return
        dispatcher = hub.dispatcher = Dispatcher(hub)
        connection.worker.take(connection)
        await rights.admit(connection)
        if connection.is_open:
            await _connected(hub)
        if connection.worker.is_draining:  # the drain began during the handshake
            await _close_after_start(connection, CloseReason.GOING_DOWN)
        await _read(hub, dispatcher, rest)
    except asyncio.CancelledError:
        if not connection.was_abandoned():
            connection.ended(CloseReason.GOING_DOWN)
            raise
    finally:
        connection.ended(
            CloseReason.CLIENT_CLOSED if connection.transport.ended_cleanly else CloseReason.CLIENT_LOST
        )
        if dispatcher is not None:
            await _disconnected(hub, dispatcher)


async def _shake_hands(hub: "Hub") -> bytes | None:
    """What came behind the handshake, None when there is no connection."""
    connection = hub.connection
    try:
        async with asyncio.timeout(connection.options.HANDSHAKE_TIMEOUT):
            received = await _first_message(hub)
        if received is None:
            return None
        request, rest = received
        asked = handshake.parse_request(request)
        protocol = PROTOCOLS.get(asked.protocol.lower())
        if protocol is None:
            raise HandshakeError(protocol_not_supported(asked.protocol))
        if protocol.BINARY and not connection.transport.carries_binary:
            raise HandshakeError(transport_is_not_binary(asked.protocol))
    except TimeoutError:
        await _refuse_handshake(hub, HANDSHAKE_CANCELED, "too late")
        return None
    except HandshakeError as error:
        await _refuse_handshake(hub, str(error), "not understood")  # its text quotes the client
        return None
    if not (await _use_up_ticket(hub) and await _answer_handshake(hub)):
        return None
    connection.open(protocol, handshake_version=asked.version)
    return rest


async def _use_up_ticket(hub: "Hub") -> bool:
    """With the handshake and not before: until then a client may fall back to its next transport.

    False once the connection is refused: another has shaken hands with the same ticket.
    """
    ticket, hub.connection.ticket = hub.connection.ticket, None
    if ticket is None:
        return True
    try:
        if await run(directory.use_up_ticket, ticket):
            return True
        refusal = TICKET_USED, "ticket used"
    except Exception as error:  # noqa: BLE001 - a database may fail in any way, and nobody comes in unchecked
        refusal = HANDSHAKE_FAILED, f"ticket not checked, {type(error).__name__}"
    await _refuse_handshake(hub, *refusal)
    return False


async def _first_message(hub: "Hub") -> tuple[bytes, bytes] | None:
    received = b""
    while RECORD_SEPARATOR not in received:
        if len(received) > hub.connection.options.MAXIMUM_RECEIVE_MESSAGE_SIZE:
            raise HandshakeError(HANDSHAKE_CANCELED)
        data = await hub.connection.transport.read()
        if data is None:
            return None
        received += data
    request, _, rest = received.partition(RECORD_SEPARATOR)
    return request, rest


async def _refuse_handshake(hub: "Hub", text: str, why: str) -> None:
    reason, who = f"handshake: {why}", {"origin": origin_of(hub.connection.headers), **hub.log_fields()}
    logger.warning("refused", extra={"reason": reason, **who})
    metrics.refused(reason)
    path = hub.connection.scope["path"]
    refused.add(reason=reason, status=0, path=path, connection=who["connection"], who=who)
    if await _answer_handshake(hub, text):
        await hub.connection.transport.close()
        await _wait_for_end(hub)


async def _answer_handshake(hub: "Hub", error: str | None = None) -> bool:
    """Always a frame of its own, and text whatever the protocol: the stock client reads it as such.

    False when the client has gone meanwhile, which a server may say by any exception.
    """
    try:
        await hub.connection.transport.write(handshake.encode_response(error), binary=False)
    except Exception:  # noqa: BLE001 - see above
        return False
    return True


async def _connected(hub: "Hub") -> None:
    """Runs the hub's on_connected; one that fails closes the connection for good."""
    logger.info("connected", extra={"origin": origin_of(hub.connection.headers), **hub.log_fields()})
    try:
        with hub.connection.not_reading():
            await filters.around_connect(hub, hub.on_connected)
        hub.connection.may_be_asked = True
        await signals.send(signals.connected, hub)
    except Exception as error:
        logger.error("on_connected failed", extra=hub.log_fields(), exc_info=error)
        detail = suffix(error, detailed=hub.connection.options.DETAILED_ERRORS)
        await _close_after_start(hub.connection, CloseReason.CONNECT_FAILED, detail)


async def _close_after_start(connection: Connection, reason: CloseReason, detail: str = "") -> None:
    await asyncio.sleep(AFTER_HANDSHAKE)
    connection.close(reason, detail)


async def _read(hub: "Hub", dispatcher: Dispatcher, rest: bytes) -> None:
    connection = hub.connection
    try:
        if rest and connection.is_open:
            await dispatcher.receive(rest)
        while connection.is_open and (data := await connection.transport.read()) is not None:
            if data:
                await dispatcher.receive(data)
            elif connection.reliable is not None:
                dispatcher.resume()
    except MessageTooLarge:
        connection.close(CloseReason.TOO_LARGE)
    except ProtocolError as error:
        logger.warning("protocol error", extra={"reason": str(error)[:200], **hub.log_fields()})
        connection.close(CloseReason.PROTOCOL_ERROR)
    if connection.state is State.CLOSING:
        await _wait_for_end(hub)


async def _wait_for_end(hub: "Hub") -> None:
    """Reads on, unheard, until the client has answered our close or its time is over."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT):
            while await hub.connection.transport.read() is not None:
                pass
    except TimeoutError:
        pass


async def _disconnected(hub: "Hub", dispatcher: Dispatcher) -> None:
    connection = hub.connection
    connection.worker.forget(connection)
    await dispatcher.finish()
    reason = connection.reason or CloseReason.CLIENT_LOST
    graceful = reason in {CloseReason.CLIENT_CLOSED, CloseReason.ABORTED, CloseReason.GOING_DOWN}
    try:
        error = None if graceful else ConnectionError(reason.word)
        await filters.around_disconnect(hub, error, functools.partial(hub.on_disconnected, error))
    except Exception:
        logger.exception("on_disconnected failed", extra=hub.log_fields())
    metrics.closed(type(hub).__name__, reason)
    seconds = round(time.monotonic() - connection.opened_at, 1)
    await signals.send(signals.disconnected, hub, reason=reason, seconds=seconds)
    logger.info("disconnected", extra={"reason": reason.word, "seconds": seconds, **hub.log_fields()})
