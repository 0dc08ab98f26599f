"""Code that fails and quotes in its exceptions whatever it was given, as careless code does."""

import asyncio
import logging
from collections.abc import AsyncIterator

from django.http import HttpRequest, HttpResponse

from accounts import tokens
from hubs.actions import action
from hubs.auth import Principal
from hubs.hub import Hub
from hubs.permissions import AllowAny, BasePermission, PermissionRequest

BREAKS = "breaks"  # a token with this in it cannot be looked at


def verify(token: str) -> Principal:
    if BREAKS in token:
        raise LookupError(f"no key for {token}")
    return tokens.verify(token)


def broken_page(request: HttpRequest, text: str) -> HttpResponse:
    raise ValueError(f"cannot show {text} {request.GET} {request.POST} {request.COOKIES}")


class Breaks(BasePermission):
    """A rule that cannot be asked."""

    def has_permission(self, request: PermissionRequest) -> bool:
        raise KeyError(f"no rule for {request.arguments}")


class FaultyHub(Hub):
    """Each action breaks in its own way."""

    permission_classes = [AllowAny]

    async def on_connected(self) -> None:
        if "connect" in self.connection.query:
            raise ValueError(f"no room for {self.connection.query}")

    async def on_disconnected(self, error: Exception | None) -> None:
        raise ValueError(f"cannot leave {self.connection.query}")

    @action
    async def fail(self, text: str) -> None:
        try:
            int(text)
        except ValueError as error:
            raise RuntimeError(f"cannot count {text}") from error

    @action
    async def fail_behind(self, text: str) -> None:
        """In a task that nobody asks, of which asyncio complains."""
        asyncio.get_running_loop().create_task(self._fails(text))

    async def _fails(self, text: str) -> None:
        raise RuntimeError(f"cannot count {text}")

    @action
    async def fail_in_callback(self, text: str) -> None:
        asyncio.get_running_loop().call_soon(int, text)

    @action(permission_classes=[Breaks])
    async def fail_to_permit(self, text: str) -> None:
        return None

    @action
    async def count(self, text: str) -> AsyncIterator[str]:
        yield text
        raise RuntimeError(f"no more of {text}")

    @action
    async def answer(self, text: str) -> object:
        """With what no protocol can carry."""
        return {text: object()}

    @action
    async def tell(self, text: str) -> None:
        await self.groups.add(self.connection_id, "told")
        await self.clients.group("told").send("Told", text)

    @action
    async def leak(self, text: str) -> None:
        """What the search must find."""
        logging.getLogger("careless").info("called with %s", text)
