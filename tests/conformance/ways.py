"""The ways to a hub: each transport in each protocol that it carries."""

import pytest

from hubs.protocol.negotiation import LONG_POLLING, SERVER_SENT_EVENTS, WEB_SOCKETS

WAYS = [
    (WEB_SOCKETS, "json"),
    (WEB_SOCKETS, "messagepack"),
    (SERVER_SENT_EVENTS, "json"),
    (LONG_POLLING, "json"),
    (LONG_POLLING, "messagepack"),
]

every_way = pytest.mark.parametrize(("transport", "protocol"), WAYS)
both_protocols = pytest.mark.parametrize("protocol", ["json", "messagepack"])

# A client that polled and polls no more is missed after 15 s only.
every_way_soon_lost = pytest.mark.parametrize(
    ("transport", "protocol"), [*WAYS[:3], pytest.param(LONG_POLLING, "json", marks=pytest.mark.long)]
)
