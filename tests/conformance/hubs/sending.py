"""What EchoHub sends to clients, and what it asks them."""

from hubs.actions import action
from hubs.hub import Hub
from tests.conformance.hubs.calls import Int

MESSAGE = "Message"  # the client method that everything goes to
ANSWER = "Answer"  # the client method that is asked


class Sending(Hub):
    """Calls that reach the caller, groups, users and other connections."""

    @action
    async def ask_caller(self, q: str) -> str:
        answer: str = await self.clients.caller.invoke(ANSWER, q, result_type=str)
        return answer

    @action
    async def ask_caller_number(self, q: str) -> int:
        answer: int = await self.clients.caller.invoke(ANSWER, q, result_type=Int)
        return answer

    @action
    async def ask_other(self, connection_id: str, q: str) -> str:
        answer: str = await self.clients.client(connection_id).invoke(ANSWER, q, result_type=str)
        return answer

    @action
    async def send_to_self(self, text: str) -> None:
        await self.clients.caller.send(MESSAGE, text)

    @action
    async def send_many_to_self(self, n: Int) -> None:
        for i in range(n):
            await self.clients.caller.send(MESSAGE, f"m{i}")

    @action
    async def send_nothing_to_self(self) -> None:
        await self.clients.caller.send("Nothing")

    @action
    async def join(self, group: str) -> None:
        await self.groups.add(group)

    @action
    async def leave(self, group: str) -> None:
        await self.groups.remove(group)

    @action
    async def add_to_group(self, connection_id: str, group: str) -> None:
        await self.groups.add(group, connection_id=connection_id)

    @action
    async def to_group(self, group: str, text: str) -> None:
        await self.clients.group(group).send(MESSAGE, text)

    @action
    async def to_groups(self, groups: list[str], text: str) -> None:
        await self.clients.groups(groups).send(MESSAGE, text)

    @action
    async def to_group_except(self, group: str, connection_ids: list[str], text: str) -> None:
        await self.clients.group_except(group, connection_ids).send(MESSAGE, text)

    @action
    async def to_others_in_group(self, group: str, text: str) -> None:
        await self.clients.others_in_group(group).send(MESSAGE, text)

    @action
    async def to_connection(self, connection_id: str, text: str) -> None:
        await self.clients.client(connection_id).send(MESSAGE, text)

    @action
    async def to_user(self, user_id: str, text: str) -> None:
        await self.clients.user(user_id).send(MESSAGE, text)

    @action
    async def to_all(self, text: str) -> None:
        await self.clients.all.send(MESSAGE, text)

    @action
    async def to_others(self, text: str) -> None:
        await self.clients.others.send(MESSAGE, text)
