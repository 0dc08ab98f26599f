import asyncio

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
