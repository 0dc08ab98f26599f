"""The calls of one connection that are refused: said in the log once a second, counted, and bounded."""

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubs import metrics, signals
from hubs.conf import hubs_settings
from hubs.errors import CloseReason
from hubs.rate_limits import Bucket

if TYPE_CHECKING:
    from hubs.hub import Hub

logger = logging.getLogger("hubs")

SAID_EVERY = 1.0  # seconds between two lines of one kind
MINUTE = 60.0


class Refused(Exception):
    """The call is not run; the text is the client's. `action` is "" where there is none of that name."""

    def __init__(self, text: str, outcome: metrics.Outcome, action: str = "") -> None:
        super().__init__(text)
        self.outcome: metrics.Outcome = outcome
        self.action = action


@dataclass(slots=True)
class _Kind:
    """Refusals that are said in one line; there are as many kinds as outcomes and actions."""

    level: int
    event: str
    fields: dict[str, str] = field(default_factory=dict)
    unsaid: int = 0
    said_at: float | None = None


class Refusals:
    """Of most connections there are none, so that an idle one costs three empty slots."""

    __slots__ = ("_bucket", "_hub", "_kinds")

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._bucket: Bucket | None = None
        self._kinds: dict[tuple[str, str], _Kind] | None = None

    async def refused(self, target: str, refusal: Refused) -> None:
        """A call that does not run at all; `target` is the client's word."""
        metrics.called(type(self._hub).__name__, refusal.action, refusal.outcome)
        # Its text quotes the client.
        fields = {"reason": refusal.outcome, "action": refusal.action}
        self._log(logging.INFO, "call refused", refusal.outcome, fields)
        self._count()
        await signals.send(signals.call_refused, self._hub, target=target, reason=str(refusal))

    def denied(self, action: str) -> None:
        """A call that its permissions do not allow."""
        self._log(logging.WARNING, "denied", action, {"action": action})
        self._count()

    def by_action(self, action: str) -> None:
        """A HubError of the action itself: an answer, which may come as often as it likes."""
        self._log(logging.INFO, "call refused by its action", action, {"action": action})

    def finish(self) -> None:
        """Says what has not been said yet."""
        for kind in (self._kinds or {}).values():
            if kind.unsaid:
                self._say(kind)

    def _log(self, level: int, event: str, what: str, fields: dict[str, str]) -> None:
        if self._kinds is None:
            self._kinds = {}
        kind = self._kinds.get((event, what))
        if kind is None:
            kind = self._kinds[event, what] = _Kind(level, event)
        kind.fields = fields
        kind.unsaid += 1
        if kind.said_at is None or time.monotonic() - kind.said_at >= SAID_EVERY:
            self._say(kind)

    def _count(self) -> None:
        if self._bucket is None:
            self._bucket = Bucket(hubs_settings.MAXIMUM_REFUSED_CALLS, MINUTE)
        if not self._bucket.take():
            self._hub.connection.close(CloseReason.TOO_MANY_REFUSED)

    def _say(self, kind: _Kind) -> None:
        fields = {**kind.fields, "count": kind.unsaid, **self._hub.log_fields()}
        logger.log(kind.level, kind.event, extra=fields)
        kind.unsaid, kind.said_at = 0, time.monotonic()
