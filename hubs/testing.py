"""HubCommunicator, a client inside the test's own event loop, for the tests of whoever writes hubs."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any, TypeGuard

import msgspec
from channels.testing import ApplicationCommunicator

from hubs.auth import STATE, App, OriginMiddleware, Principal, Receive, Scope, Send
from hubs.errors import HubError
from hubs.hub import Hub
from hubs.protocol import handshake, json_protocol
from hubs.protocol.messages import (
    ABSENT,
    Close,
    Completion,
    Invocation,
    Message,
    Ping,
    StreamInvocation,
    StreamItem,
)
from hubs.worker import existing_worker

_STREAM = (StreamItem, Completion)

TIMEOUT = 5.0  # seconds that a test waits for what should come at once
HOUR = 3600.0
# The user is what the test says, whatever the database does: renewed only when rights change afterwards.
NEVER_OLD = float("inf")


class UpgradeRefused(Exception):
    """The client was not let in: status and body of the answer."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text}".rstrip())
        self.status = status
        self.text = text


class HubCommunicator(ApplicationCommunicator):
    """One connection to a hub, over a WebSocket and the JSON protocol.

        async with HubCommunicator(ClinicalDashboardHub, user=nurse) as client:
            board = await client.invoke("SubscribeToWard", "icu")
            ...
            payload, place = await client.receive("ObservationRecorded")

    `hub` is a hub class, or an application such as `MyHub.as_asgi(permission_classes=[...])`. The hub sees
    `user` as if a good token had spoken for it, and nobody without one. A whole application, with the
    middlewares of its own, ignores `user`: there the token in `headers` or `query` decides. Test functions
    need `@pytest.mark.django_db(transaction=True)`, because hubs query the database from other threads.
    """

    def __init__(
        self,
        # A hub class, or whatever application: Channels' routers and ours have types that do not meet.
        hub: Any,
        user: Any = None,
        claims: Mapping[str, Any] | None = None,
        headers: Iterable[tuple[bytes, bytes]] = (),
        query: str = "",
        path: str = "/hubs/test",
        *,
        expires_in: float = HOUR,
    ) -> None:
        application: Any = hub.as_asgi() if _is_hub(hub) else hub
        principal = None if user is None else Principal(user, claims or {}, time.time() + expires_in)
        super().__init__(  # type: ignore[no-untyped-call]  # Channels' class carries no types
            OriginMiddleware(_AuthenticatedAs(application, principal)),
            {
                "type": "websocket",
                "path": path,
                "query_string": query.encode(),
                "headers": list(headers),
                "subprotocols": [],
                "client": ("127.0.0.1", 50000),
                "extensions": {"websocket.http.response": {}},
            },
        )
        self._ids = map(str, itertools.count())
        self._unread: deque[Message] = deque()
        self._answers: dict[str, Callable[..., Any]] = {}

    async def __aenter__(self) -> "HubCommunicator":
        await self.connect()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.disconnect()

    async def connect(self) -> None:
        """Opens the socket and shakes hands. Raises UpgradeRefused, or HubError where the handshake fails."""
        await self.upgrade()
        await self.send_text(handshake.encode_request(json_protocol.NAME).decode())
        answer = await self.receive_output()
        if error := handshake.parse_response(answer["text"].encode().rstrip(b"\x1e")):
            raise HubError(error)

    async def upgrade(self) -> None:
        """Opens the socket only, for tests of what comes before the handshake. Raises UpgradeRefused."""
        await self.send_input({"type": "websocket.connect"})
        answer = await self.receive_output()
        if answer["type"] == "websocket.http.response.start":
            body = await self.receive_output()
            raise UpgradeRefused(answer["status"], body["body"].decode())
        if answer["type"] != "websocket.accept":
            raise UpgradeRefused(403, "")

    async def invoke(self, target: str, *arguments: Any) -> Any:
        """Calls an action and returns its result. Raises HubError with the text that the client gets."""
        invocation_id = next(self._ids)
        await self.send_message(Invocation(target, arguments, invocation_id))
        return await self._completed(invocation_id)

    async def send(self, target: str, *arguments: Any) -> None:
        """Calls an action without waiting for an answer: there is none."""
        await self.send_message(Invocation(target, arguments))

    async def stream(self, target: str, *arguments: Any) -> AsyncIterator[Any]:
        """Calls a streaming action; yields its items."""
        invocation_id = next(self._ids)
        await self.send_message(StreamInvocation(target, arguments, invocation_id))
        while True:
            message = await self._next(_STREAM, lambda each: each.invocation_id == invocation_id)
            if isinstance(message, Completion):
                _result(message)
                return
            yield _decoded(message.item)

    async def receive(self, method: str) -> list[Any]:
        """The arguments of the hub's next call of this client method; other calls stay unread."""
        called = await self._next(Invocation, lambda each: each.target.lower() == method.lower())
        return [_decoded(argument) for argument in called.arguments]

    def answer(self, method: str, function: Callable[..., Any]) -> None:
        """From now on answers the hub's questions for this client method by calling `function`."""
        self._answers[method.lower()] = function

    async def receive_close(self) -> Close:
        """The hub's goodbye; the socket has been closed behind it."""
        close: Close = await self._next(Close)
        while (await self.receive_output())["type"] != "websocket.close":
            pass
        return close

    async def receive_nothing(
        self,
        timeout: float = 0.1,  # noqa: ASYNC109 - Channels' signature
        interval: float = 0.01,
    ) -> bool:
        """Whether nothing but pings has come unread and nothing comes within the time."""
        while await super().receive_nothing(timeout, interval) is False:
            await self._read()
        return not self._unread

    async def disconnect(self, code: int = 1000) -> None:
        """Closes the socket, waits until the hub has heard of it, and ends what ran beside it."""
        if not self.future.done():
            await self.send_input({"type": "websocket.disconnect", "code": code, "reason": ""})
        await self.wait(TIMEOUT)
        worker = existing_worker()
        if worker is not None and len(worker.registry) == 0:
            await worker.stop()

    async def send_message(self, message: Message) -> None:
        """Sends any message of the protocol, for tests of the finer points."""
        await self.send_text(json_protocol.encode(message).decode())

    async def receive_message(self, kind: type[Message]) -> Any:
        """The next message of that kind, its payload still in wire form."""
        return await self._next(kind)

    async def send_text(self, text: str) -> None:
        """Sends a frame as it is."""
        await self.send_input({"type": "websocket.receive", "text": text})

    async def receive_output(self, timeout: float = TIMEOUT) -> Any:  # noqa: ASYNC109 - Channels' signature
        """What the application sends next; its exception, at once, when it has failed."""
        output = asyncio.ensure_future(self.output_queue.get())
        await asyncio.wait({output, self.future}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if output.done():
            return output.result()
        output.cancel()
        if self.future.done():
            self.future.result()
            raise ConnectionError("The connection has ended.")
        raise TimeoutError(f"Nothing has come for {timeout} s.")

    async def _completed(self, invocation_id: str) -> Any:
        return _result(await self._next(Completion, lambda each: each.invocation_id == invocation_id))

    async def _next(self, kind: Any, fits: Callable[[Any], bool] = lambda each: True) -> Any:
        """Takes the first unread message of that kind that fits, wherever it stands among the others."""
        while True:
            for message in self._unread:
                if isinstance(message, kind) and fits(message):
                    self._unread.remove(message)
                    return message
            await self._read()

    async def _read(self) -> None:
        output = await self.receive_output()
        if output["type"] == "websocket.close":
            raise ConnectionError(f"The socket was closed; unread: {list(self._unread)}")
        for body in json_protocol.framing(2**31).feed(output["text"].encode()):
            message = json_protocol.parse(body)
            if isinstance(message, Invocation) and message.invocation_id is not None:
                await self._answer(message, message.invocation_id)
            elif message is not None and not isinstance(message, Ping):
                self._unread.append(message)

    async def _answer(self, question: Invocation, invocation_id: str) -> None:
        function = self._answers.get(question.target.lower())
        if function is None:
            await self.send_message(Completion(invocation_id, error="Client didn't provide a result."))
        else:
            result = function(*map(_decoded, question.arguments))
            await self.send_message(Completion(invocation_id, result))


class _AuthenticatedAs:
    """Stands where QueryStringTokenMiddleware stands in front of a server's hubs."""

    def __init__(self, inner: App, principal: Principal | None) -> None:
        self._inner = inner
        self._principal = principal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope[STATE]
        state.token_checked = True
        state.verified_at = NEVER_OLD
        state.principal = self._principal
        if self._principal is not None:
            scope = {**scope, "user": self._principal.user}
        await self._inner(scope, receive, send)


def _is_hub(hub: Any) -> TypeGuard[type[Hub]]:
    return isinstance(hub, type) and issubclass(hub, Hub)


def _result(completion: Completion) -> Any:
    if completion.error is not None:
        raise HubError(completion.error)
    return None if completion.result is ABSENT else _decoded(completion.result)


def _decoded(raw: Any) -> Any:
    return msgspec.json.decode(raw)
