import pytest

from hubs import signals
from hubs.actions import action
from hubs.errors import CloseReason, HubError
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.testing import HubCommunicator

pytestmark = pytest.mark.django_db(transaction=True)


class Desk(Hub):
    permission_classes = [AllowAny]

    @action
    async def echo(self, value: int) -> int:
        return value

    @action
    async def fail(self) -> None:
        raise LookupError


@pytest.fixture
def heard():
    """What a receiver of every signal has been told, until the test ends."""
    found = []
    receivers = []
    for name in ("connected", "disconnected", "action_finished", "call_refused"):

        async def receiver(signal, sender, hub, name=name, **values):
            assert sender is type(hub) is Desk
            found.append((name, values))

        receivers.append((getattr(signals, name), receiver))
        getattr(signals, name).connect(receiver)
    yield found
    for signal, receiver in receivers:
        signal.disconnect(receiver)


async def test_comings_goings_and_calls_are_told(heard):
    async with HubCommunicator(Desk) as client:
        await client.invoke("Echo", 1)
        for target in ("Fail", "Missing"):
            with pytest.raises(HubError):
                await client.invoke(target)
    assert [name for name, _ in heard] == [
        "connected",
        "action_finished",
        "action_finished",
        "call_refused",
        "disconnected",
    ]
    finished = [
        (values["action"].name, values["outcome"]) for name, values in heard if name == "action_finished"
    ]
    assert finished == [("Echo", "completed"), ("Fail", "failed")]
    assert heard[3][1]["target"] == "Missing"
    assert heard[-1][1]["reason"] is CloseReason.CLIENT_CLOSED


async def test_a_receiver_that_fails_changes_nothing():
    def broken(sender, **values):
        raise LookupError

    for signal in (signals.connected, signals.action_finished, signals.disconnected):
        signal.connect(broken)
    try:
        async with HubCommunicator(Desk) as client:
            assert await client.invoke("Echo", 1) == 1
    finally:
        for signal in (signals.connected, signals.action_finished, signals.disconnected):
            signal.disconnect(broken)
