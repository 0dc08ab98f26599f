"""A client without a socket, whose requests the test holds open and ends as it likes, on any worker."""

import asyncio
from typing import Any

import msgspec
from channels.testing import ApplicationCommunicator

from hubs import connection_tokens
from hubs.testing import TIMEOUT
from hubs.transports import Transport
from hubs.transports.long_polling import LongPollingTransport
from hubs.worker import current_worker
from tests.hubs.tokens import bearer

Answer = tuple[int, bytes]

HANDSHAKE = b'{"protocol":"json","version":1}\x1e'


def call(target: str, *arguments: Any) -> bytes:
    """An invocation with the id 1, as it is posted."""
    message = {"type": 1, "target": target, "arguments": arguments, "invocationId": "1"}
    return msgspec.json.encode(message) + b"\x1e"


class Request(ApplicationCommunicator):
    """One HTTP request; unlike one of httpx it can be answered piece by piece and be left."""

    async def begin(self, *pieces: bytes) -> "Request":
        for piece in pieces:
            await self.send_input({"type": "http.request", "body": piece, "more_body": True})
        await self.send_input({"type": "http.request", "body": b"", "more_body": False})
        return self

    async def status(self) -> int:
        return (await self.receive_output(TIMEOUT))["status"]

    async def body(self) -> bytes:
        """The next piece of the answer."""
        return (await self.receive_output(TIMEOUT))["body"]

    async def answer(self) -> Answer:
        answer = await self.status(), await self.body()
        await self.wait(TIMEOUT)
        return answer

    async def leave(self) -> None:
        """Goes away, and waits until the application has noticed."""
        await self.send_input({"type": "http.disconnect"})
        await self.wait(TIMEOUT)


class PollingClient:
    """Makes the requests for one connection of user 1 at /hubs/desk."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self.id, self.token = connection_tokens.issue(hub="/hubs/desk", user="1", version=1)

    async def begin(
        self, method: str, *body: bytes, accept: bytes = b"*/*", user: int = 1, **claims: Any
    ) -> Request:
        scope = {
            "type": "http",
            "method": method,
            "path": "/hubs/desk",
            "query_string": f"id={self.token}".encode(),
            "headers": [bearer(user, **claims), (b"accept", accept)],
            "client": ("127.0.0.1", 50000),
        }
        return await Request(self._application, scope).begin(*body)

    async def stream(self) -> Request:
        return await self.begin("GET", accept=b"text/event-stream")

    async def ask(self, method: str, *body: bytes, **choices: Any) -> Answer:
        return await (await self.begin(method, *body, **choices)).answer()

    async def poll(self, **choices: Any) -> Answer:
        return await self.ask("GET", **choices)

    async def post(self, *body: bytes, **choices: Any) -> Answer:
        return await self.ask("POST", *body, **choices)

    async def delete(self, **choices: Any) -> Answer:
        return await self.ask("DELETE", **choices)

    async def polled(self, wanted: bytes) -> bytes:
        """What polls bring until it has been among it."""
        found = b""
        while wanted not in found:
            status, data = await self.poll()
            assert status == 200, f"{status} after {found!r}"
            found += data
        return found

    async def transport(self) -> Transport | None:
        """What carries the connection on the worker where this runs."""
        return current_worker().registry.transport_of(self.id)

    async def wait_for_polls(self, polls: int) -> None:
        """Returns, on the worker that carries the connection, when so many polls wait at it."""
        transport = await self.transport()
        assert isinstance(transport, LongPollingTransport)
        async with asyncio.timeout(TIMEOUT):
            while transport._polls != polls:  # noqa: ASYNC110 - the transport has no event, and needs none
                await asyncio.sleep(0)
