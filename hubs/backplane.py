"""This worker's one channel in the channel layer: the groups it is in, what arrives, what it answers."""

import asyncio
import itertools
import logging
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from hubs import forwarding, layer, metrics, shutdown
from hubs.audience import Audience, from_layer, group_in_layer, hub_in_layer
from hubs.errors import ClientGone, CloseReason
from hubs.feeds import wake
from hubs.layer import Message
from hubs.protocol.messages import ABSENT
from hubs.questions import ask
from hubs.tasks import first_to_end

if TYPE_CHECKING:
    from hubs.connection import Connection
    from hubs.worker import Worker

Send = Callable[[Message], Awaitable[None]]

logger = logging.getLogger("hubs")

RETRY_AFTER = 1.0
REJOIN_INTERVAL = 3600.0
CHANNEL_DEADLINE = 5.0  # seconds
JOIN_DEADLINE = 1.0  # seconds; a join that takes longer counts here only
ANSWER_DEADLINE = 5.0  # seconds for what a worker answers by itself, once it has said so
ACKNOWLEDGE_DEADLINE = 2.0  # seconds in which some worker must say that it has the connection


class Backplane:
    """This worker's channel, the layer groups in which it is, and what arrives."""

    def __init__(self, worker: "Worker") -> None:
        self._worker = worker
        self.name = secrets.token_hex(8)
        self.channel: str | None = None
        # Set while the channel is in the layer's groups.
        self.listening = asyncio.Event()
        self._echo = layer.Echo(f"hubs.echo.{self.name}")
        self._wanted: Counter[str] = Counter({wake.GROUP: 1, self._echo.group: 1})
        self._joined: set[str] = set()
        self._hubs: set[str] = set()
        self._is_away = False
        self._changed = asyncio.Event()
        self._channel_changed = asyncio.Event()
        self._settled = asyncio.Condition()
        self._numbers = itertools.count(1)
        self._acknowledged: dict[int, asyncio.Event] = {}
        self._answers: dict[int, asyncio.Future[Message]] = {}
        # Requests of other workers that are being answered, by the asker's channel and number.
        self._serving: dict[str, asyncio.Task[None]] = {}

    async def wait_for_change_of_channel(self, seconds: float) -> None:
        """Returns when the channel has become another one, after the time at the latest."""
        try:
            async with asyncio.timeout(seconds):
                await self._channel_changed.wait()
        except TimeoutError:
            pass
        self._channel_changed.clear()

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
        await self._wait_until_in(group_in_layer(connection.hub_name, group))

    async def serve_hub(self, hub: str) -> None:
        """Joins the layer group of a hub, for good, before its first connection hears of its handshake.

        Who knows a connection's id may send to it or ask it from any worker at once.
        """
        layer_group = hub_in_layer(hub)
        if layer_group not in self._hubs:
            self._hubs.add(layer_group)
            self.want(layer_group)
        if layer_group not in self._joined:
            await self._wait_until_in(layer_group)

    async def _wait_until_in(self, layer_group: str) -> None:
        """Waits for the layer, but not where it is known to be away: the group is joined when it is back."""
        if self._is_away:
            return
        try:
            async with asyncio.timeout(JOIN_DEADLINE), self._settled:
                await self._settled.wait_for(lambda: layer_group in self._joined)
        except TimeoutError:
            self._is_away = True
            logger.warning("joined on this worker only", extra={"reason": "the layer does not answer"})

    def deliver(self, audience: Audience, encoded: dict[str, bytes]) -> None:
        found = self._worker.registry.select(audience)
        for connection in found:
            connection.send_encoded(encoded[connection.protocol.NAME])
        metrics.delivered("send", len(found))

    async def request(self, hub: str, request: Message, *, within: float | None = None) -> Message:
        """Asks whichever worker has the connection `request["id"]`. Raises ConnectionError for no answer."""
        group = hub_in_layer(hub)
        request = {**request, "hub": hub}
        return await self._requested(lambda message: layer.group_send(group, message), request, within)

    async def request_from(self, channel: str, request: Message, *, within: float | None = None) -> Message:
        """Asks the worker with that channel. Raises ConnectionError for no answer."""
        return await self._requested(lambda message: layer.send_to(channel, message), request, within)

    async def _requested(self, send_it: Send, request: Message, within: float | None) -> Message:
        number = next(self._numbers)
        self._acknowledged[number] = asyncio.Event()
        self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            await send_it({**request, "number": number, "reply_to": self.channel})
            try:
                async with asyncio.timeout(ACKNOWLEDGE_DEADLINE):
                    await self._acknowledged[number].wait()
            except TimeoutError:
                raise ClientGone(f"Connection '{request['id']}' does not exist.") from None
            async with asyncio.timeout(within):
                answer = await self._answers[number]
            if answer.get("failed"):
                raise ConnectionError(f"The worker of connection '{request['id']}' has failed.")
            return answer
        except (asyncio.CancelledError, TimeoutError) as error:
            await send_it({"type": "hubs.cancel", "request": f"{self.channel}/{number}"})
            if isinstance(error, TimeoutError):
                raise ConnectionError(f"The worker of connection '{request['id']}' is silent.") from None
            raise
        finally:
            del self._acknowledged[number], self._answers[number]

    async def run(self) -> None:
        """Listens for ever; a layer that fails is tried again every second."""
        while True:
            try:
                async with asyncio.timeout(CHANNEL_DEADLINE):
                    self.channel = await layer.current().new_channel()
                    await layer.current().group_add(self._echo.group, self.channel)
                layer.raise_if_cancelled()
                self._channel_changed.set()
                await first_to_end(
                    self._listen(self.channel), self._keep_groups(self.channel), self._echo.run()
                )
            except layer.Unheard:
                # Not before all have ended: two that connect at once would read each other's answers.
                self._echo.lost("Unheard")
                await layer.reconnect()
            except Exception as error:  # noqa: BLE001 - a layer may fail in any way
                self._echo.lost(type(error).__name__)
            layer.raise_if_cancelled()
            if self.channel is not None:
                layer.forget(self.channel)
            self.listening.clear()
            self._joined.clear()
            self._is_away = True
            await asyncio.sleep(RETRY_AFTER)

    async def _listen(self, channel: str) -> None:
        while True:
            self._handle(await layer.current().receive(channel))

    async def _keep_groups(self, channel: str) -> None:
        """Brings the layer's groups to what is wanted, each time that changes."""
        while True:
            self._changed.clear()
            for group in [each for each in self._wanted if each not in self._joined]:
                await layer.current().group_add(group, channel)
                self._joined.add(group)
            for group in [each for each in self._joined if each not in self._wanted]:
                await layer.current().group_discard(group, channel)
                self._joined.discard(group)
            self._is_away = False
            async with self._settled:
                self._settled.notify_all()
            layer.raise_if_cancelled()
            if not self._changed.is_set():
                self.listening.set()
                await self._until_changed()

    async def _until_changed(self) -> None:
        """After REJOIN_INTERVAL all groups count as changed: the core layer forgets a member after a day."""
        try:
            async with asyncio.timeout(REJOIN_INTERVAL):
                await self._changed.wait()
        except TimeoutError:
            self._joined.clear()

    def _handle(self, message: Message) -> None:
        match message.get("type"):
            case wake.MESSAGE_TYPE:
                for feed, seq in message["feeds"].items():
                    self._worker.pump.wake(feed, seq)
            case "hubs.send" if message.get("from") != self.name:
                self.deliver(from_layer(message), message["encoded"])
            case layer.ECHO:
                self._echo.arrived()
            case "hubs.disconnect":
                for connection in self._worker.registry.select(from_layer(message)):
                    connection.close(CloseReason.DISCONNECTED)
            case shutdown.DRAIN:
                self._worker.own(shutdown.drain(self._worker))
            case "hubs.ask" | "hubs.group" | "hubs.forward" | "hubs.take_inbox":
                self._serve(message)
            case "hubs.cancel" if (task := self._serving.get(message["request"])) is not None:
                task.cancel()
            case "hubs.acknowledged" if (event := self._acknowledged.get(message["number"])) is not None:
                event.set()
            case "hubs.answer" if (answer := self._answers.get(message["number"])) is not None:
                if not answer.done():
                    answer.set_result(message["answer"])

    def _serve(self, message: Message) -> None:
        """Answers a request of another worker, one task each, which that worker may cancel."""
        request = f"{message['reply_to']}/{message['number']}"
        task = asyncio.get_running_loop().create_task(self._answer(message))
        self._serving[request] = task
        task.add_done_callback(lambda _: self._serving.pop(request, None))

    async def _answer(self, message: Message) -> None:
        reply_to, number = message["reply_to"], message["number"]
        work = self._work(message)
        if work is None:
            return
        await layer.send_to(reply_to, {"type": "hubs.acknowledged", "number": number})
        try:
            answer = await work
        except Exception:
            logger.exception("a request of another worker failed")
            answer = {"failed": True}
        await layer.send_to(reply_to, {"type": "hubs.answer", "number": number, "answer": answer})

    def _work(self, message: Message) -> Awaitable[Message] | None:
        """What the request asks for, None when it is about a connection that is not here."""
        match message["type"]:
            case "hubs.forward":
                return forwarding.serve(self._worker, message)
            case "hubs.take_inbox":
                return forwarding.give_inbox(self._worker, message)
        connection = self._worker.registry.get(message["id"])
        if connection is None or connection.hub_name != message["hub"]:
            return None
        if message["type"] == "hubs.group":
            return self._group_changed(connection, message)
        arguments = msgspec.msgpack.decode(message["arguments"])
        return ask_here(connection, message["method"], arguments)

    async def _group_changed(self, connection: "Connection", message: Message) -> Message:
        await self.change_group(connection, message["group"], member=message["member"])
        return {}


async def ask_here(connection: "Connection", method: str, arguments: Sequence[Any]) -> Message:
    """The answer in types that every layer carries."""
    try:
        completion = await ask(connection, method, tuple(arguments))
    except ConnectionError:
        return {"lost": True}
    if completion.error is not None:
        return {"error": completion.error}
    if completion.result is ABSENT:
        return {}
    return {"result": msgspec.msgpack.encode(connection.protocol.convert(completion.result, Any))}
