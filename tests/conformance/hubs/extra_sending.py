"""What ExtraHub sends to clients, and what it asks them."""

import asyncio

from hubs.actions import action
from hubs.clients import SingleClientProxy
from tests.conformance.hubs.calls import Int
from tests.conformance.hubs.connect_request import ConnectRequest


class ExtraSending(ConnectRequest):
    """Calls that reach the caller, groups and other connections."""

    @action
    async def call_me(self, method: str, text: str | None) -> None:
        await self.clients.caller.send(method, text)

    @action
    async def call_me_three(self, method: str, a: Int, b: str | None, c: bool) -> None:
        await self.clients.caller.send(method, a, b, c)

    @action
    async def call_all(self, method: str, text: str | None) -> None:
        await self.clients.all.send(method, text)

    @action
    async def call_others(self, method: str, text: str | None) -> None:
        await self.clients.others.send(method, text)

    @action
    async def call_connection(self, connection_id: str, method: str, text: str | None) -> None:
        await self.clients.client(connection_id).send(method, text)

    @action
    async def join(self, group: str) -> None:
        await self.groups.add(group)

    @action
    async def leave(self, group: str) -> None:
        await self.groups.remove(group)

    @action
    async def call_group(self, group: str, method: str, text: str | None) -> None:
        await self.clients.group(group).send(method, text)

    @action
    async def call_others_in_group(self, group: str, method: str, text: str | None) -> None:
        await self.clients.others_in_group(group).send(method, text)

    @action
    async def start_ticker(self, count: Int, ms: Int) -> None:
        self.connection.worker.own(self._tick(count, ms / 1000))

    async def _tick(self, count: int, pause: float) -> None:
        for number in range(count):
            if number:
                await asyncio.sleep(pause)
            await self.clients.caller.send("Tick", number)

    @action
    async def ask(self, method: str, q: str | None) -> str:
        return await _answer(self.clients.caller, method, q)

    @action
    async def ask_connection(self, connection_id: str, method: str, q: str | None) -> str:
        return await _answer(self.clients.client(connection_id), method, q)


async def _answer(client: SingleClientProxy, method: str, question: str | None) -> str:
    try:
        answer = await client.invoke(method, question, result_type=str | None)
    except Exception as error:  # noqa: BLE001 - whatever it is, its text is the answer
        return f"error: {error}"
    return f"ok: {answer or ''}"
