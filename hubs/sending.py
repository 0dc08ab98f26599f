"""Sends to an audience, changes groups and asks clients, on whichever workers they are."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import msgspec

from hubs import publisher
from hubs.audience import Audience
from hubs.backplane import ANSWER_DEADLINE, ask_here
from hubs.conf import hubs_settings
from hubs.connection_tokens import shown
from hubs.errors import ClientGone, HubError
from hubs.invocation import authorize, current_call
from hubs.layer import group_send
from hubs.protocol.messages import Invocation
from hubs.protocol.protocols import PROTOCOLS
from hubs.worker import existing_worker

logger = logging.getLogger("hubs")


async def send(audience: Audience, method: str, arguments: Sequence[Any]) -> None:
    """Reaches the connections of this worker directly, those of others through the layer."""
    message = _message(audience, method, arguments)
    worker = existing_worker()
    if worker is not None:
        worker.backplane.deliver(audience, message["encoded"])
        if audience.kind == "client" and all(worker.registry.get(each) for each in audience.names):
            return
        message["from"] = worker.backplane.name
    await group_send(audience.layer_group, message)


def send_sync(audience: Audience, method: str, arguments: Sequence[Any]) -> None:
    message = _message(audience, method, arguments)
    publisher.submit(lambda: group_send(audience.layer_group, message))


def disconnect_sync(audience: Audience) -> None:
    message = {"type": "hubs.disconnect", **audience.to_layer()}
    publisher.submit(lambda: group_send(audience.layer_group, message))


async def change_group(hub: str, connection_id: str, group: str, *, member: bool) -> None:
    """Joins or leaves a group; a connection that is not here is looked for on the other workers."""
    worker = existing_worker()
    connection = worker.registry.get(connection_id) if worker else None
    if worker is not None and connection is not None:
        await worker.backplane.change_group(connection, group, member=member)
        return
    request = {"type": "hubs.group", "id": connection_id, "group": group, "member": member}
    try:
        await _request(hub, request, within=ANSWER_DEADLINE)
    except ConnectionError:
        logger.info("no such connection", extra={"connection": shown(connection_id)})


async def ask(audience: Audience, method: str, arguments: Sequence[Any], result_type: Any) -> Any:
    """Calls one client and returns its result; see SingleClientProxy.invoke."""
    connection_id = audience.names[0]
    worker = existing_worker()
    connection = worker.registry.get(connection_id) if worker else None
    call = current_call.get(None)
    if call is not None and call.lane is not None:
        # The answer may stand behind other calls of the same client.
        call.hub.dispatcher.release(call.lane)
    rights = call.hub.connection.rights if call is not None else 0
    async with asyncio.timeout(hubs_settings.CLIENT_RESULT_TIMEOUT):
        if connection is not None:
            answer = await ask_here(connection, method, arguments)
        else:
            request = {
                "type": "hubs.ask",
                "id": connection_id,
                "method": method,
                "arguments": msgspec.msgpack.encode(arguments),
            }
            answer = await _request(audience.hub, request)
    if call is not None and not call.is_completed and call.hub.connection.rights != rights:
        await authorize(call)  # people take their time with an answer
    if answer.get("lost"):
        raise ClientGone(f"Connection '{connection_id}' disconnected.")
    if answer.get("error") is not None:
        raise HubError(answer["error"])
    if "result" not in answer:
        raise ValueError("The client answered without a result.")
    return msgspec.convert(msgspec.msgpack.decode(answer["result"]), result_type)


async def _request(hub: str, request: dict[str, Any], *, within: float | None = None) -> dict[str, Any]:
    """Asks all workers of the hub; the one that has the connection acknowledges and later answers."""
    worker = existing_worker()
    if worker is None or worker.backplane.channel is None:
        raise ConnectionError("This process has no channel on which it could be answered.")
    return await worker.backplane.request(hub, request, within=within)


def _message(audience: Audience, method: str, arguments: Sequence[Any]) -> dict[str, Any]:
    """Encoded once a protocol, whatever the number of connections and workers."""
    invocation = Invocation(method, arguments)
    encoded = {name: protocol.encode(invocation) for name, protocol in PROTOCOLS.items()}
    return {"type": "hubs.send", "encoded": encoded, **audience.to_layer()}
