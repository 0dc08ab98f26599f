import re
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from hubs import metrics
from hubs.actions import action
from hubs.errors import HubError
from hubs.hub import Hub
from hubs.permissions import AllowAny, BasePermission
from hubs.protocol.messages import StreamInvocation
from hubs.testing import HubCommunicator
from tests.hubs.metrics import counted
from tests.hubs.site import http, site

pytestmark = pytest.mark.django_db(transaction=True)

OPERATIONS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


class Nobody(BasePermission):
    async def has_permission(self, request):
        return False


class Counted(Hub):
    permission_classes = [AllowAny]

    @action
    async def echo(self, value: int) -> int:
        return value

    @action
    async def fail(self) -> None:
        raise LookupError

    @action
    async def refuse(self) -> None:
        raise HubError("Not today.")

    @action(permission_classes=[Nobody])
    async def closed(self) -> None:
        return None

    @action
    async def endless(self):
        while True:
            yield 1

    @action
    async def tell_all(self) -> None:
        await self.clients.all.send("Told")


def calls(name: str, outcome: str) -> float:
    return counted("hubs_calls_total", hub="Counted", action=name, outcome=outcome)


@pytest.mark.parametrize(
    ("call", "name", "outcome"),
    [
        (("echo", 1), "Echo", "completed"),
        (("Echo", "x"), "Echo", "invalid"),
        (("Fail",), "Fail", "failed"),
        (("Refuse",), "Refuse", "refused"),
        (("Closed",), "Closed", "denied"),
        (("Endless",), "Endless", "invalid"),
        (("Missing",), "", "unknown"),
    ],
)
async def test_a_call_is_counted_by_the_name_in_the_table_and_how_it_ended(
    connect_to_hub, call, name, outcome
):
    client = await connect_to_hub(Counted)
    before = calls(name, outcome)
    try:
        await client.invoke(*call)
    except HubError:
        assert outcome != "completed"
    assert calls(name, outcome) == before + 1


async def test_calls_over_the_limit_are_counted_as_limited(hubs, connect_to_hub):
    hubs(RATE_LIMITS={"connection": "1/h"})
    client = await connect_to_hub(Counted)
    before = calls("Echo", "limited")
    await client.invoke("Echo", 1)
    with pytest.raises(HubError):
        await client.invoke("Echo", 1)
    assert calls("Echo", "limited") == before + 1


async def test_a_stream_that_its_client_leaves_is_cancelled(connect_to_hub):
    client = await connect_to_hub(Counted)
    before = calls("Endless", "cancelled")
    await client.send_message(StreamInvocation("Endless", [], "1"))
    await client.receive_output()
    await client.disconnect()
    assert calls("Endless", "cancelled") == before + 1


async def test_UQ_4_no_word_of_a_client_becomes_a_label(connect_to_hub):
    client = await connect_to_hub(Counted)
    for number in range(3):
        with pytest.raises(HubError):
            await client.invoke(f"Invented{number}")
    assert b"Invented" not in metrics.text()


async def test_open_connections_are_shown_and_their_ends_counted(connect_to_hub):
    labels = {"hub": "Counted", "transport": "WebSockets"}
    closed = counted("hubs_closed_total", hub="Counted", reason="client closed")
    async with HubCommunicator(Counted), HubCommunicator(Counted):
        assert counted("hubs_connections", **labels) == 2
        assert counted("hubs_slow_connections", hub="Counted") == 0
    assert counted("hubs_connections", **labels) == 0
    assert counted("hubs_closed_total", hub="Counted", reason="client closed") == closed + 2


async def test_a_delivery_counts_once_for_each_who_was_reached(connect_to_hub):
    client, _ = await connect_to_hub(Counted), await connect_to_hub(Counted)
    before = counted("hubs_delivered_total", kind="send")
    await client.invoke("TellAll")
    assert counted("hubs_delivered_total", kind="send") == before + 2


async def test_LG_4_a_refused_request_is_counted_by_its_reason_without_details():
    before = counted("hubs_refused_total", reason="bad token")
    async with http(site(desk=Counted)) as client:
        await client.post("/hubs/desk/negotiate", headers={"Authorization": "Bearer bad"})
    assert counted("hubs_refused_total", reason="bad token") == before + 1
    assert counted("hubs_refused_total", reason="bad token: unknown") == 0


def test_feeds_count_what_the_pump_says():
    before = {name: counted(name) for name in ("hubs_feed_lag_seconds_count", "hubs_feed_reads_failed_total")}
    metrics.feed_lag(0.02)
    metrics.feed_lag(-1)  # the writer's clock is a second ahead
    metrics.feeds_unreadable()
    metrics.feeds_behind(7)
    metrics.feed_ended("resync")
    assert counted("hubs_feed_lag_seconds_count") == before["hubs_feed_lag_seconds_count"] + 2
    assert counted("hubs_feed_reads_failed_total") == before["hubs_feed_reads_failed_total"] + 1
    assert counted("hubs_feed_behind_events") == 7
    assert counted("hubs_feed_ended_total", reason="resync") >= 1


def test_every_metric_is_documented_and_no_other():
    documented = set(re.findall(r"`(hubs_\w+)", OPERATIONS.read_text(encoding="utf-8")))
    exported = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in REGISTRY.collect()
        if family.name.startswith("hubs_")
    }
    assert documented == exported
