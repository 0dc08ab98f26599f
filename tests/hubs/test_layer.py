import asyncio

import pytest

from hubs import layer
from tests.hubs.metrics import counted


async def test_a_frozen_layer_costs_a_message_and_not_the_call(monkeypatch, caplog):
    class Frozen:
        async def group_send(self, group, message):
            await asyncio.Event().wait()

    monkeypatch.setattr(layer, "get_channel_layer", lambda: Frozen())
    monkeypatch.setattr(layer, "SEND_DEADLINE", 0.01)
    before = counted("hubs_lost_total", what="message")
    async with asyncio.timeout(5):
        await layer.group_send("group", {"type": "hubs.send"})
    assert "message lost" in caplog.text
    assert counted("hubs_lost_total", what="message") == before + 1


class Layer:
    """Carries to itself, while it is up."""

    def __init__(self, echo: layer.Echo) -> None:
        self.is_up = True
        self.misses = 0
        self._echo = echo

    async def group_send(self, group, message):
        if self.misses:
            self.misses -= 1
        elif self.is_up and group == self._echo.group:
            self._echo.arrived()


@pytest.fixture
def said(monkeypatch) -> asyncio.Queue[str]:
    """What is logged, as it comes."""
    found: asyncio.Queue[str] = asyncio.Queue()
    monkeypatch.setattr(layer.logger, "info", lambda event: found.put_nowait(event))
    monkeypatch.setattr(layer.logger, "warning", lambda event, extra: found.put_nowait(event))
    return found


async def test_one_echo_that_is_missed_is_no_loss(monkeypatch, said):
    echo = layer.Echo("group")
    carrying = Layer(echo)
    monkeypatch.setattr(layer, "get_channel_layer", lambda: carrying)
    monkeypatch.setattr(layer, "ECHO_INTERVAL", 0.001)
    monkeypatch.setattr(layer, "ECHO_DEADLINE", 0.01)
    carrying.misses = 1
    running = asyncio.ensure_future(echo.run())
    async with asyncio.timeout(5):
        assert await said.get() == "channel layer heard"
        carrying.misses = 2
        with pytest.raises(layer.Unheard):
            await running


async def asked_again_and_again(echo: layer.Echo) -> None:
    """As the backplane does it, which joins all groups in between."""
    while True:
        try:
            await echo.run()
        except layer.Unheard as error:
            echo.lost(type(error).__name__)


async def test_a_layer_that_carries_no_more_is_said_to_be_lost_once_and_then_heard_again(monkeypatch, said):
    echo = layer.Echo("group")
    carrying = Layer(echo)
    monkeypatch.setattr(layer, "get_channel_layer", lambda: carrying)
    monkeypatch.setattr(layer, "ECHO_INTERVAL", 0.001)
    monkeypatch.setattr(layer, "ECHO_DEADLINE", 0.01)
    losses = counted("hubs_layer_losses_total")
    running = asyncio.ensure_future(asked_again_and_again(echo))
    async with asyncio.timeout(5):
        assert await said.get() == "channel layer heard"
        assert counted("hubs_layer_up") == 1
        carrying.is_up = False
        assert await said.get() == "channel layer lost"
        assert counted("hubs_layer_up") == 0
        echo.lost("again")
        carrying.is_up = True
        assert await said.get() == "channel layer heard"
    running.cancel()
    assert counted("hubs_layer_losses_total") == losses + 1
