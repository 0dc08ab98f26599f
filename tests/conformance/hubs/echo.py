"""The EchoHub of the recordings: its life cycle, around the calls, streams and sends of the other modules."""

from hubs.errors import HubError
from hubs.permissions import AllowAny
from tests.conformance.hubs.calls import Calls
from tests.conformance.hubs.sending import Sending
from tests.conformance.hubs.streams import Streams


class EchoHub(Calls, Streams, Sending):
    """Everybody is welcome; the query of the connect request decides what happens at connect."""

    permission_classes = [AllowAny]
    options = {"STATEFUL_RECONNECT": True}

    async def on_connected(self) -> None:
        match self.query_member("onConnected"):
            case "throw":
                raise RuntimeError("not today")
            case "throwHub":
                raise HubError("not today")
            case "abort":
                self.abort()
            case "greet":
                await self.clients.caller.send("Message", "welcome")

    async def on_disconnected(self, error: Exception | None) -> None:
        if group := self.query_member("farewell"):
            await self.clients.group(group).send("Left", self.connection_id)
