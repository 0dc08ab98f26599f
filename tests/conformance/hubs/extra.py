"""ExtraHub of the contract: its life and plain calls, around the sends and streams of the other modules."""

import asyncio
from typing import Any

from hubs.actions import action
from hubs.errors import HubError
from hubs.permissions import AllowAny
from tests.conformance import shared
from tests.conformance.hubs.calls import Int, Long
from tests.conformance.hubs.errors import InvalidOperationException
from tests.conformance.hubs.extra_sending import ExtraSending
from tests.conformance.hubs.extra_streams import ExtraStreams


class ExtraHub(ExtraSending, ExtraStreams):
    """Everybody is welcome, and a lost socket may come back to its connection."""

    permission_classes = [AllowAny]
    options = {"STATEFUL_RECONNECT": True}

    async def on_connected(self) -> None:
        self.items["key"] = self.query_member("key")
        await self._note("connected")
        if self.query_member("refuse") == "1":
            raise HubError("refused")

    async def on_disconnected(self, error: Exception | None) -> None:
        await self._note("disconnected")

    async def _note(self, line: str) -> None:
        if key := self.items["key"]:
            await shared.write(key, line)

    @action
    async def echo_text(self, value: str | None) -> str | None:
        return value

    @action
    async def echo_int(self, value: Long) -> int:
        return value

    @action
    async def echo_double(self, value: float) -> float:
        return value

    @action
    async def echo_bool(self, value: bool) -> bool:
        return value

    @action
    async def echo_bytes(self, value: bytes | None) -> bytes | None:
        return value

    @action
    async def echo_list(self, value: list[Int] | None) -> list[Int] | None:
        return value

    @action
    async def echo_any(self, value: Any) -> Any:
        return value

    @action
    async def echo_four(self, a: str | None, b: Int, c: bool, d: str | None) -> list[str | None]:
        return [a, str(b), str(c).lower(), "null" if d is None else d]

    @action
    async def add(self, a: Int, b: Int) -> int:
        return a + b

    @action
    async def nothing(self) -> None:
        pass

    @action
    async def delay(self, ms: Int) -> int:
        await asyncio.sleep(ms / 1000)
        return ms

    @action
    async def repeat(self, text: str | None, n: Int) -> str:
        return (text or "") * n

    @action
    async def throw(self, message: str | None) -> None:
        raise InvalidOperationException(message)

    @action
    async def throw_hub(self, message: str | None) -> None:
        raise HubError(message)

    @action(name="Abort")
    async def abort_caller(self) -> None:
        self.abort()

    @action(name="ConnectionId")
    async def own_connection_id(self) -> str:
        return self.connection_id

    @action
    async def transport(self) -> str:
        return self.connection.transport.name

    @action
    async def query(self, name: str) -> str | None:
        return self.query_member(name)

    @action
    async def header(self, name: str) -> str | None:
        return self.request_header(name)

    @action(name="Note")
    async def note_line(self, key: str, line: str | None) -> None:
        await shared.write(key, line or "")
