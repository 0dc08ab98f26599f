"""What a screen says of itself at any moment, from what it has heard: the product's rule, status_state.js."""

from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

STALE_AFTER = 30.0  # seconds
NOT_LIVE_AFTER = 60.0


class Status(Enum):
    LIVE = "live"
    AMBER = "amber"
    NOT_LIVE = "NOT LIVE"


@dataclass
class Screen:
    """A history of statuses: (since, status), oldest first, on the monotonic clock."""

    opened_at: float
    history: list[tuple[float, Status]] = field(default_factory=list)
    heard_at: float = 0.0

    def __post_init__(self) -> None:
        self.heard_at = self.opened_at
        self.history.append((self.opened_at, Status.AMBER))

    def live(self, now: float) -> None:
        """The board has just been made right."""
        self.silence(now)
        self.heard_at = now
        self._become(now, Status.LIVE)

    def heard(self, now: float) -> bool:
        """A heartbeat has come; whether the board must be made right first, because of a silence."""
        self.silence(now)
        if self.status is Status.LIVE:
            self.heard_at = now
        return self.status is not Status.LIVE

    def lost(self, now: float) -> None:
        """The connection is gone."""
        self.silence(now)
        if self.status is Status.LIVE:
            self._become(now, Status.AMBER)

    def silence(self, now: float) -> None:
        """Says what the page's own ticking has said up to now."""
        if self.status is Status.LIVE and now - self.heard_at > STALE_AFTER:
            self._become(self.heard_at + STALE_AFTER, Status.AMBER)
        if self.status is Status.AMBER and now - self.heard_at > NOT_LIVE_AFTER:
            self._become(self.heard_at + NOT_LIVE_AFTER, Status.NOT_LIVE)

    @property
    def status(self) -> Status:
        return self.history[-1][1]

    def at(self, moment: float) -> Status:
        """What it said then; before it was opened there was no screen, which nobody takes for a live one."""
        return next((status for since, status in reversed(self.history) if since <= moment), Status.NOT_LIVE)

    def longest_not_live(self, until: float) -> float:
        """Seconds, after the first time that it was live."""
        self.silence(until)
        longest, since = 0.0, None
        ends = [*self.history, (until, self.status)]
        for (start, status), (end, _) in pairwise(ends[self._first_live() :]):
            since = None if status is Status.LIVE else start if since is None else since
            longest = max(longest, 0.0 if since is None else end - since)
        return longest

    def _first_live(self) -> int:
        return next((n for n, (_, status) in enumerate(self.history) if status is Status.LIVE), 0)

    def _become(self, now: float, status: Status) -> None:
        if status is not self.status:
            self.history.append((now, status))
