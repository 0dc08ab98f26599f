"""What pysignalr sees of EchoHub: `python pysignalr_story.py URL TRANSPORT PROTOCOL TOKEN`."""

import asyncio
import json
import sys
from typing import Any

from pysignalr.client import SignalRClient
from pysignalr.protocol.json import JSONProtocol
from pysignalr.protocol.messagepack import MessagepackProtocol

URL, _, PROTOCOL, TOKEN = sys.argv[1:]
PATIENCE = 15  # seconds


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Caller:
    """A client whose calls can be awaited."""

    def __init__(self) -> None:
        self.client = SignalRClient(
            URL,
            protocol=MessagepackProtocol() if PROTOCOL == "messagepack" else JSONProtocol(),
            headers={"Authorization": f"Bearer {TOKEN}"},
            retry_sleep=0.05,
        )
        self.opened = asyncio.Event()
        self.client.on_open(self._open)
        self.client.on_error(_ignored)  # the caller sees it too
        self.running = asyncio.create_task(self.client.run())

    async def _open(self) -> None:
        self.opened.set()

    async def invoke(self, method: str, *arguments: Any) -> Any:
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        async def answer(message: Any) -> None:
            answered.set_result(message.error or message.result)

        await self.client.send(method, list(arguments), answer)
        return await answered

    async def send(self, method: str, *arguments: Any) -> None:
        await self.client.send(method, list(arguments))

    async def items(self, method: str, *arguments: Any) -> list[Any]:
        seen: list[Any] = []
        ended = asyncio.Event()

        async def note(item: Any) -> None:
            seen.append(item)

        async def end(message: Any) -> None:
            ended.set()

        await self.client.stream(method, list(arguments), note, end)
        await ended.wait()
        return seen


async def _ignored(message: Any) -> None:
    pass


async def story(seen: dict[str, Any]) -> None:
    caller = Caller()
    pushed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def note(arguments: Any) -> None:
        pushed.set_result(arguments[0])

    async def answer(arguments: Any) -> str:
        return f"{arguments[0]} 42"

    caller.client.on("Message", note)
    caller.client.on("Answer", answer)
    await caller.opened.wait()
    seen["transport"] = await caller.invoke("Transport")
    seen["member"] = await caller.invoke("Members")
    seen["echo"] = await caller.invoke("Echo", "Grüße, 世界 😀")
    seen["nothing"] = await caller.invoke("Void")
    seen["error"] = await caller.invoke("ThrowHub", "no such bed")
    seen["hidden"] = await caller.invoke("Throw", "secret")
    seen["counted"] = await caller.items("Count", 3)
    await caller.send("SendToSelf", "pushed")
    seen["pushed"] = await pushed
    seen["answer"] = await caller.invoke("AskCaller", "what?")
    await reconnect(caller, seen)


async def reconnect(caller: Caller, seen: dict[str, Any]) -> None:
    """It tries the old id first, which is refused, and then negotiates anew."""
    before = await caller.invoke("Id")
    caller.opened.clear()
    tell("cut")
    await caller.opened.wait()
    seen["sameId"] = before == await caller.invoke("Id")
    seen["again"] = await caller.invoke("Echo", "again")
    caller.running.cancel()


async def main() -> None:
    seen: dict[str, Any] = {}
    try:
        async with asyncio.timeout(PATIENCE):
            await story(seen)
    except TimeoutError:
        sys.exit(f"too late, after {seen}")
    tell(json.dumps(seen))


asyncio.run(main())
