"""The ordinary calls of EchoHub: arguments, results, errors and what the hub knows of its connection."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import msgspec

from hubs.actions import action
from hubs.errors import HubError
from hubs.permissions import IsAuthenticated
from tests.conformance.hubs.connect_request import ConnectRequest

Int = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Long = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class Patient(msgspec.Struct):
    """The record that EchoPatient takes; missing members are null."""

    id: Int = 0
    name: str | None = None
    ward: str | None = None
    temperature: float | None = None
    tags: list[str] | None = None


class Calls(ConnectRequest):
    """Calls that answer once."""

    @action
    async def echo(self, text: str | None) -> str | None:
        return text

    @action
    async def echo_object(self, value: Any) -> Any:
        return value

    @action
    async def echo_any(self, value: Any) -> Any:
        return value

    @action
    async def echo_bytes(self, value: bytes) -> bytes:
        return value

    @action
    async def echo_date(self, value: msgspec.Raw) -> msgspec.Raw:
        # In its wire form, because the recordings hold more digits than Python's datetime.
        return value

    @action
    async def echo_guid(self, value: UUID) -> UUID:
        return value

    @action
    async def echo_double(self, value: float) -> float:
        return value

    @action
    async def echo_long(self, value: Long) -> int:
        return value

    @action
    async def echo_bool(self, value: bool) -> bool:
        return value

    @action
    async def echo_ints(self, value: list[Int]) -> list[Int]:
        return value

    @action
    async def echo_patient(self, patient: Patient | None) -> Patient | None:
        return patient

    @action
    async def add(self, a: Int, b: Int) -> int:
        return a + b

    @action
    async def big(self, n: Int) -> str:
        return "x" * n

    @action
    async def void(self) -> None:
        pass

    @action
    async def void_async(self) -> None:
        await asyncio.sleep(0)

    @action
    async def throw(self, text: str) -> None:
        raise RuntimeError(text)

    @action
    async def throw_hub(self, text: str) -> None:
        raise HubError(text)

    @action(name="renamed-method")
    async def renamed(self, text: str) -> str:
        return f"renamed {text}"

    @action(permission_classes=[IsAuthenticated])
    async def members(self) -> str:
        return "members only"

    @action
    async def slow(self, ms: Int) -> None:
        await asyncio.sleep(ms / 1000)

    @action
    async def slow_echo(self, ms: Int, text: str) -> str:
        await asyncio.sleep(ms / 1000)
        return text

    @action(name="Id")
    async def own_id(self) -> str:
        return self.connection_id

    @action
    async def user_id(self) -> str | None:
        return self.user.pk if self.user.is_authenticated else None

    @action
    async def transport(self) -> str:
        return self.connection.transport.name

    @action
    async def header(self, name: str) -> str | None:
        return self.request_header(name)

    @action
    async def query(self, name: str) -> str | None:
        return self.query_member(name)

    @action
    async def set_item(self, key: str, value: str) -> None:
        self.items[key] = value

    @action
    async def get_item(self, key: str) -> str | None:
        return self.items.get(key)

    @action(name="Abort")
    async def abort_caller(self) -> None:
        self.abort()
