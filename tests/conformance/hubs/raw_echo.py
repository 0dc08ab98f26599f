"""The raw endpoint of the contract: a connection without a hub protocol, whose payloads come back."""

import asyncio
import time
from typing import Any

from hubs.conf import hubs_settings
from hubs.hub import Hub
from hubs.permissions import AllowAny


class RawEcho(Hub):
    """Sends back what arrives, over a WebSocket in a frame of the same kind."""

    permission_classes = [AllowAny]
    received_bytes = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def noted() -> Any:
            message = await receive()
            self.received_bytes = message.get("bytes") is not None
            return message

        await super().__call__(scope, noted, send)

    async def live(self) -> None:
        while (payload := await self._next()) is not None:
            await self.connection.transport.write(payload, binary=self.received_bytes)

    async def _next(self) -> bytes | None:
        """The next payload; None when the client has gone, or polls no more."""
        transport = self.connection.transport
        while not transport.is_abandoned(time.monotonic()):
            try:
                async with asyncio.timeout(hubs_settings.DISCONNECT_TIMEOUT):
                    return await transport.read()
            except TimeoutError:
                continue
        return None
