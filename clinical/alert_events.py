"""What the board hears of alerts: one event for each kind of step, carrying the alert as it is now.

None of them is ever merged away: a screen that comes back sees every step. Applying one late or twice is
harmless, for each carries the alert's version.
"""

from datetime import datetime

from clinical.events import AlertView, Event
from clinical.models import StepKind


class AlertEvent(Event, frozen=True):
    """What they share. `by` is who took the step, None a timer or the finding itself."""

    alert: AlertView
    by: str | None
    at: datetime
    # A word of DeclineReason, CancelReason or Outcome, "" for steps that need none.
    reason: str = ""
    note: str = ""


class AlertRaised(AlertEvent, frozen=True):
    pass


class AlertRepeated(AlertEvent, frozen=True):
    """The finding that raised it is there again, after it had been better."""


class AlertCorrected(AlertEvent, frozen=True):
    """The value that raised it was wrong; what was measured instead, the set says."""


class AlertAccepted(AlertEvent, frozen=True):
    """Somebody owns it now; `alert.owner` says who."""


class AlertDeclined(AlertEvent, frozen=True):
    """Somebody cannot; it waits for the others, and they are called no later."""


class AlertReturned(AlertEvent, frozen=True):
    """Its owner gives it back."""


class AlertStarted(AlertEvent, frozen=True):
    """Its owner is at the bedside."""


class AlertRenotified(AlertEvent, frozen=True):
    """Time is over, and the same people are called again."""


class AlertEscalated(AlertEvent, frozen=True):
    """Time is over, and those above are called; `alert.level` says who."""


class AlertMoved(AlertEvent, frozen=True):
    """It came to this ward with its patient."""


class AlertResolved(AlertEvent, frozen=True):
    pass


class AlertSuperseded(AlertEvent, frozen=True):
    """A newer one of its kind takes its place."""


class AlertCancelled(AlertEvent, frozen=True):
    pass


class AlertClosed(AlertEvent, frozen=True):
    """A newer set took the reason away; never one of high severity."""


EVENT_OF: dict[str, type[AlertEvent]] = {
    StepKind.RAISED: AlertRaised,
    StepKind.REPEATED: AlertRepeated,
    StepKind.CORRECTED: AlertCorrected,
    StepKind.ACCEPTED: AlertAccepted,
    StepKind.DECLINED: AlertDeclined,
    StepKind.RETURNED: AlertReturned,
    StepKind.STARTED: AlertStarted,
    StepKind.RENOTIFIED: AlertRenotified,
    StepKind.ESCALATED: AlertEscalated,
    StepKind.MOVED: AlertMoved,
    StepKind.RESOLVED: AlertResolved,
    StepKind.SUPERSEDED: AlertSuperseded,
    StepKind.CANCELLED: AlertCancelled,
    StepKind.CLOSED: AlertClosed,
}
ALERT_EVENTS = tuple(EVENT_OF.values())
