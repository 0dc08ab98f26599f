"""Between workers: what is sent to connections wherever they are, over one channel a worker in the layer."""

import asyncio
import itertools
import logging
import secrets
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from channels.layers import get_channel_layer

from hubs import publisher
from hubs.audience import Audience, from_layer, group_in_layer, hub_in_layer
from hubs.conf import hubs_settings
from hubs.errors import CloseReason, HubError
from hubs.feeds import wake
from hubs.invocation import current_call
from hubs.protocol.messages import ABSENT, Invocation
from hubs.protocol.protocols import PROTOCOLS

if TYPE_CHECKING:
    from hubs.connection import Connection
    from hubs.worker import Worker

logger = logging.getLogger("hubs")

RETRY_AFTER = 1.0
JOIN_DEADLINE = 1.0  # seconds that a join waits for the layer; after that it counts for this worker only
ACKNOWLEDGE_DEADLINE = 2.0  # seconds in which some worker must say that it has the connection


async def send(audience: Audience, method: str, arguments: Sequence[Any]) -> None:
    """Reaches the connections of this worker directly, those of others through the layer."""
    message = _message(audience, method, arguments)
    worker = _worker_of_this_loop()
    if worker is not None:
        worker.backplane.deliver(audience, message["encoded"])
        if audience.kind == "client" and all(worker.registry.get(each) for each in audience.names):
            return
        message["from"] = worker.backplane.name
    await _group_send(audience.layer_group, message)


def send_sync(audience: Audience, method: str, arguments: Sequence[Any]) -> None:
    message = _message(audience, method, arguments)
    publisher.submit(lambda: _group_send(audience.layer_group, message))


def disconnect_sync(audience: Audience) -> None:
    message = {"type": "hubs.disconnect", **audience.to_layer()}
    publisher.submit(lambda: _group_send(audience.layer_group, message))


async def change_group(hub: str, connection_id: str, group: str, *, member: bool) -> None:
    """Joins or leaves a group; a connection that is not here is looked for on the other workers."""
    worker = _worker_of_this_loop()
    connection = worker.registry.get(connection_id) if worker else None
    if worker is not None and connection is not None:
        await worker.backplane.change_group(connection, group, member=member)
        return
    request = {"type": "hubs.group", "id": connection_id, "group": group, "member": member}
    try:
        await _request(hub, request)
    except ConnectionError:
        logger.info("no such connection", extra={"connection": connection_id})


async def ask(audience: Audience, method: str, arguments: Sequence[Any], result_type: Any) -> Any:
    """Calls one client and returns its result; see SingleClientProxy.invoke."""
    connection_id = audience.names[0]
    worker = _worker_of_this_loop()
    connection = worker.registry.get(connection_id) if worker else None
    if (call := current_call.get(None)) is not None:
        call.release()  # the answer may stand behind other calls of the same client
    async with asyncio.timeout(hubs_settings.CLIENT_RESULT_TIMEOUT):
        if connection is not None:
            answer = await _ask_here(connection, method, arguments)
        else:
            request = {
                "type": "hubs.ask",
                "id": connection_id,
                "method": method,
                "arguments": msgspec.msgpack.encode(arguments),
            }
            answer = await _request(audience.hub, request)
    if answer.get("lost"):
        raise ConnectionError(f"Connection '{connection_id}' disconnected.")
    if answer.get("error") is not None:
        raise HubError(answer["error"])
    if "result" not in answer:
        raise ValueError("The client answered without a result.")
    return msgspec.convert(msgspec.msgpack.decode(answer["result"]), result_type)


async def _ask_here(connection: "Connection", method: str, arguments: Sequence[Any]) -> dict[str, Any]:
    """The answer in types that every layer carries."""
    try:
        completion = await connection.ask(method, tuple(arguments))
    except ConnectionError:
        return {"lost": True}
    if completion.error is not None:
        return {"error": completion.error}
    if completion.result is ABSENT:
        return {}
    return {"result": msgspec.msgpack.encode(connection.protocol.convert(completion.result, Any))}


async def _request(hub: str, request: dict[str, Any]) -> dict[str, Any]:
    """Asks all workers of the hub; the one that has the connection acknowledges and later answers."""
    worker = _worker_of_this_loop()
    if worker is None or worker.backplane.channel is None:
        raise ConnectionError("This process has no channel on which it could be answered.")
    return await worker.backplane.request(hub, request)


def _message(audience: Audience, method: str, arguments: Sequence[Any]) -> dict[str, Any]:
    """Encoded once a protocol, whatever the number of connections and workers."""
    invocation = Invocation(method, arguments)
    encoded = {name: protocol.encode(invocation) for name, protocol in PROTOCOLS.items()}
    return {"type": "hubs.send", "encoded": encoded, **audience.to_layer()}


async def _group_send(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        await layer.group_send(group, message)
    except Exception as error:  # noqa: BLE001 - a layer may fail in any way; loss is said, not raised
        logger.warning("message lost", extra={"reason": type(error).__name__})


def _worker_of_this_loop() -> "Worker | None":
    from hubs.worker import existing_worker

    return existing_worker()


class Backplane:
    """This worker's channel, the layer groups in which it is, and what arrives."""

    def __init__(self, worker: "Worker") -> None:
        self._worker = worker
        self.name = secrets.token_hex(8)
        self.channel: str | None = None
        # Set while the channel is in the layer's groups.
        self.listening = asyncio.Event()
        self._wanted: Counter[str] = Counter({wake.GROUP: 1})
        self._joined: set[str] = set()
        self._changed = asyncio.Event()
        self._settled = asyncio.Condition()
        self._numbers = itertools.count(1)
        self._acknowledged: dict[int, asyncio.Event] = {}
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def want(self, layer_group: str) -> None:
        self._wanted[layer_group] += 1
        self._changed.set()

    def release(self, layer_group: str) -> None:
        self._wanted[layer_group] -= 1
        if self._wanted[layer_group] <= 0:
            del self._wanted[layer_group]
        self._changed.set()

    async def change_group(self, connection: "Connection", group: str, *, member: bool) -> None:
        """Changes the membership of a connection of this worker, and waits for the layer to know."""
        if not member:
            self._worker.registry.leave(connection, group)
            return
        self._worker.registry.join(connection, group)
        layer_group = group_in_layer(connection.hub_name, group)
        try:
            async with asyncio.timeout(JOIN_DEADLINE), self._settled:
                await self._settled.wait_for(lambda: layer_group in self._joined)
        except TimeoutError:
            logger.warning("group joined on this worker only", extra={"connection": connection.id})

    def deliver(self, audience: Audience, encoded: dict[str, bytes]) -> None:
        for connection in self._worker.registry.select(audience):
            connection.send_encoded(encoded[connection.protocol.NAME])

    async def request(self, hub: str, request: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        self._acknowledged[number] = asyncio.Event()
        self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            await _group_send(
                hub_in_layer(hub), {**request, "hub": hub, "number": number, "reply_to": self.channel}
            )
            try:
                async with asyncio.timeout(ACKNOWLEDGE_DEADLINE):
                    await self._acknowledged[number].wait()
            except TimeoutError:
                raise ConnectionError(f"Connection '{request['id']}' does not exist.") from None
            return await self._answers[number]
        finally:
            del self._acknowledged[number], self._answers[number]

    async def run(self) -> None:
        """Listens for ever; a layer that fails is tried again every second."""
        while True:
            try:
                async with asyncio.TaskGroup() as group:
                    self.channel = await _layer().new_channel()
                    group.create_task(self._listen(self.channel))
                    group.create_task(self._keep_groups(self.channel))
            except* Exception as errors:  # noqa: BLE001 - a layer may fail in any way
                reason = type(errors.exceptions[0]).__name__
                logger.warning("channel layer lost", extra={"reason": reason})
            self.listening.clear()
            self._joined.clear()
            await asyncio.sleep(RETRY_AFTER)

    async def _listen(self, channel: str) -> None:
        while True:
            self._handle(await _layer().receive(channel))

    async def _keep_groups(self, channel: str) -> None:
        """Brings the layer's groups to what is wanted, each time that changes."""
        while True:
            self._changed.clear()
            for group in [each for each in self._wanted if each not in self._joined]:
                await _layer().group_add(group, channel)
                self._joined.add(group)
            for group in [each for each in self._joined if each not in self._wanted]:
                await _layer().group_discard(group, channel)
                self._joined.discard(group)
            async with self._settled:
                self._settled.notify_all()
            if not self._changed.is_set():
                self.listening.set()
                await self._changed.wait()

    def _handle(self, message: dict[str, Any]) -> None:
        match message.get("type"):
            case wake.MESSAGE_TYPE:
                for feed in message["feeds"]:
                    self._worker.pump.wake(feed)
            case "hubs.send" if message.get("from") != self.name:
                self.deliver(from_layer(message), message["encoded"])
            case "hubs.disconnect":
                for connection in self._worker.registry.select(from_layer(message)):
                    connection.close(CloseReason.DISCONNECTED)
            case "hubs.ask" | "hubs.group":
                self._serve(message)
            case "hubs.acknowledged" if (event := self._acknowledged.get(message["number"])) is not None:
                event.set()
            case "hubs.answer" if (answer := self._answers.get(message["number"])) is not None:
                if not answer.done():
                    answer.set_result(message["answer"])

    def _serve(self, message: dict[str, Any]) -> None:
        """A request of another worker about a connection, if that is here."""
        connection = self._worker.registry.get(message["id"])
        if connection is None or connection.hub_name != message["hub"]:
            return
        task = asyncio.get_running_loop().create_task(self._answer(connection, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, connection: "Connection", message: dict[str, Any]) -> None:
        reply_to, number = message["reply_to"], message["number"]
        await _send_to(reply_to, {"type": "hubs.acknowledged", "number": number})
        answer: dict[str, Any] = {}
        if message["type"] == "hubs.group":
            await self.change_group(connection, message["group"], member=message["member"])
        else:
            arguments = msgspec.msgpack.decode(message["arguments"])
            answer = await _ask_here(connection, message["method"], arguments)
        await _send_to(reply_to, {"type": "hubs.answer", "number": number, "answer": answer})


async def _send_to(channel: str, message: dict[str, Any]) -> None:
    try:
        await _layer().send(channel, message)
    except Exception as error:  # noqa: BLE001 - see _group_send
        logger.warning("message lost", extra={"reason": type(error).__name__})


def _layer() -> Any:
    layer = get_channel_layer()
    assert layer is not None, "hubs needs CHANNEL_LAYERS['default']"
    return layer
