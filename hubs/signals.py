"""Django signals of what happens on hubs, for audit and metrics that need no fork.

Every signal is sent robustly: a receiver that fails is logged by Django and changes nothing. `sender` is the
hub's class, `hub` the hub object of the connection. Receivers may be coroutines; a synchronous one costs a
thread hop.
"""

import logging
from typing import TYPE_CHECKING, Any

from django.dispatch import Signal

if TYPE_CHECKING:
    from hubs.hub import Hub

logger = logging.getLogger("hubs")

# hub
connected = Signal()
# hub, reason: CloseReason, seconds: float
disconnected = Signal()
# hub, action: Action, outcome: "completed" or "failed", seconds: float
action_finished = Signal()
# hub, target: str as the client sent it, reason: str, the client's text
call_refused = Signal()


async def send(signal: Signal, hub: "Hub", **values: Any) -> None:
    """Sends to all receivers; costs nothing where there are none."""
    if signal.has_listeners(type(hub)):
        await signal.asend_robust(type(hub), hub=hub, **values)
