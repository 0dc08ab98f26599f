"""A desk hub at two paths, routed as a project would do it, for the tests of the commands."""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter

import hubs
from hubs.actions import action
from hubs.auth import OriginMiddleware, QueryStringTokenMiddleware
from hubs.endpoint import hub_path
from hubs.hub import Hub
from hubs.permissions import AllowAny, BasePermission, IsAuthenticated


class IsClerk(BasePermission):
    pass


class Letter(msgspec.Struct):
    """What lies on the desk."""

    sender: str


class Desk(Hub):
    """Takes letters | gives answers."""

    permission_classes = [AllowAny]

    @action
    async def take(self, letter: Letter, copies: int = 1) -> UUID | None:
        """Takes a letter."""

    @action(name="copies", permission_classes=[IsClerk | ~IsClerk])
    async def copies_of(self, letters: AsyncIterator[Letter]) -> AsyncIterator[list[Letter]]:
        yield [letter async for letter in letters]


class BackDoor(Hub):
    permission_classes = [IsAuthenticated, IsClerk]


_routes = OriginMiddleware(
    QueryStringTokenMiddleware(
        AuthMiddlewareStack(
            URLRouter(
                [
                    hub_path("hubs/front-desk", Desk.as_asgi(permission_classes=[IsAuthenticated])),
                    hub_path("hubs/back", BackDoor.as_asgi()),
                ]
            )
        )
    )
)

application = hubs.checked(ProtocolTypeRouter({"websocket": _routes, "http": _routes}))
