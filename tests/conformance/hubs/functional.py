"""TestHub of the contract and its two companions, whose clients are told what went wrong."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from hubs.actions import action
from hubs.hub import Hub
from hubs.permissions import AllowAny, IsAuthenticated
from tests.conformance.hubs.calls import Int
from tests.conformance.hubs.connect_request import ConnectRequest
from tests.conformance.hubs.errors import InvalidOperationException

DETAILED = {"DETAILED_ERRORS": True}
UNRESOLVED = (
    "Unable to resolve service for type 'System.Object' while attempting to activate "
    "'FunctionalTests.UncreatableHub'."
)


class CustomObject(msgspec.Struct, rename="pascal"):
    """What SendCustomObject takes and sends."""

    name: str | None
    value: Int


class ComplexObject(msgspec.Struct, rename="pascal"):
    """One member of each kind that the protocols carry in different ways."""

    string: str | None
    int_array: list[Int] | None
    byte_array: bytes | None
    guid: UUID
    date_time: datetime


SAMPLE = ComplexObject(
    "hello world",
    [1, 2, 3],
    b"\x01\x02\x03",
    UUID("00010203-0405-0607-0706-050403020100"),
    datetime(2000, 1, 1, tzinfo=UTC),
)


class TestHub(ConnectRequest):
    """The hub that the official client's own functional tests call."""

    permission_classes = [AllowAny]
    options = DETAILED

    @action
    async def echo(self, message: str | None) -> str | None:
        return message

    @action
    async def get_caller_connection_id(self) -> str:
        return self.connection_id

    @action
    async def get_num_redirects(self) -> int:
        return int(self.query_member("numRedirects") or 0)

    @action
    async def throw_exception(self, message: str | None) -> None:
        raise InvalidOperationException(message)

    @action
    async def invoke_with_string(self, message: str | None) -> None:
        await self.clients.caller.send("Message", message)

    @action
    async def send_custom_object(self, value: CustomObject | None) -> None:
        await self.clients.caller.send("CustomObject", value)

    @action
    async def stream(self) -> AsyncIterator[str]:
        for letter in "abc":
            yield letter

    @action
    async def empty_stream(self) -> AsyncIterator[int]:
        nothing: list[int] = []
        for item in nothing:
            yield item

    @action
    async def stream_throw_exception(self, message: str | None) -> AsyncIterator[str]:
        raise InvalidOperationException(message)

    @action
    async def infinite_stream(self) -> AsyncIterator[str]:
        try:
            yield await asyncio.Future()
        finally:
            await self.clients.caller.send("StreamCanceled")

    @action
    async def streaming_concat(self, items: AsyncIterator[str | None]) -> str:
        return "".join([item or "" async for item in items])

    @action
    async def get_active_transport_name(self) -> str:
        return self.connection.transport.name

    @action
    async def echo_complex_object(self, value: ComplexObject | None) -> ComplexObject | None:
        return value

    @action
    async def send_complex_object(self) -> ComplexObject:
        return SAMPLE

    @action
    async def get_content_type_header(self) -> str | None:
        return self.request_header("content-type")

    @action
    async def get_header(self, name: str) -> str | None:
        return self.request_header(name)

    @action
    async def get_cookie(self, name: str) -> str | None:
        return self.request_cookie(name)


class UncreatableHub(Hub):
    """Closes each connection with the error of a hub that cannot be made."""

    permission_classes = [AllowAny]
    options = DETAILED

    async def on_connected(self) -> None:
        raise InvalidOperationException(UNRESOLVED)


class HubWithAuthorization(Hub):
    """For whoever has a good token."""

    permission_classes = [IsAuthenticated]
    options = DETAILED

    @action
    async def echo(self, message: str | None) -> str | None:
        return message

    @action
    async def get_user_name_identifier(self) -> str:
        return str(self.user.pk)

    @action
    async def get_user_claim(self, claim: str) -> str:
        return str(self.claims.get(claim, ""))
