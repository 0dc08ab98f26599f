"""The contract's hubs that ask who is there: for whoever has a token, and for admins."""

from hubs.actions import action
from hubs.hub import Hub
from hubs.permissions import IsAuthenticated
from tests.conformance.hubs.connect_request import ConnectRequest
from tests.conformance.permissions import ContractAdmins


class SecureHub(ConnectRequest):
    """Closed when the token ends, with leave to come back with a new one."""

    permission_classes = [IsAuthenticated]
    options = {"CLOSE_ON_EXPIRATION": True}

    @action
    async def echo(self, message: str | None) -> str | None:
        return message

    @action
    async def who_am_i(self) -> str:
        return str(self.user.pk)

    @action
    async def token_id(self) -> str:
        return str(self.claims["jti"])

    @action
    async def token_in_query(self) -> bool:
        return self.query_member("access_token") is not None

    @action
    async def token_in_header(self) -> bool:
        return self.request_header("authorization") is not None

    @action
    async def call_user(self, user: str, method: str, text: str | None) -> None:
        await self.clients.user(user).send(method, text)

    @action(permission_classes=[ContractAdmins])
    async def admin_only(self) -> str:
        return "secret"


class AdminHub(Hub):
    """For admins only."""

    permission_classes = [ContractAdmins]

    @action
    async def echo(self, message: str | None) -> str | None:
        return message
