"""What the server has asked one client, until the client answers or is gone."""

import asyncio
from typing import TYPE_CHECKING, Any

from hubs.errors import ClientGone
from hubs.protocol.messages import Completion, Invocation

if TYPE_CHECKING:
    from hubs.connection import Connection


class Questions:
    """The client results that are waited for on one connection."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._asked = 0
        self._open: dict[str, asyncio.Future[Completion]] = {}

    async def ask(self, target: str, arguments: tuple[Any, ...]) -> Completion:
        """Calls the client and waits for its completion. Raises ClientGone when it goes away."""
        self._asked += 1
        # The prefix keeps our ids apart from those of the client's upload streams.
        question = f"s{self._asked}"
        answer: asyncio.Future[Completion] = asyncio.get_running_loop().create_future()
        self._open[question] = answer
        try:
            self._connection.send(Invocation(target, arguments, question))
            return await answer
        finally:
            self._open.pop(question, None)

    def answered(self, completion: Completion) -> None:
        """The client's answer; one to a question that nobody asked is ignored."""
        answer = self._open.get(completion.invocation_id)
        if answer is not None and not answer.done():
            answer.set_result(completion)

    def give_up(self) -> None:
        """The connection has ended: whoever waits is told."""
        for answer in self._open.values():
            if not answer.done():
                answer.set_exception(ClientGone(f"Connection '{self._connection.id}' disconnected."))
        self._open.clear()


async def ask(connection: "Connection", target: str, arguments: tuple[Any, ...]) -> Completion:
    """Asks the client. Raises RuntimeError inside on_connected, where no answer would be read."""
    if not connection.may_be_asked:
        raise RuntimeError("A client cannot be asked inside on_connected: its answer would not be read.")
    if not connection.is_open:
        raise ClientGone(f"Connection '{connection.id}' disconnected.")
    if connection.questions is None:
        connection.questions = Questions(connection)
    return await connection.questions.ask(target, arguments)
