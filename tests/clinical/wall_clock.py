"""The clock on the wall, for tests in which hours pass at once."""

from datetime import UTC, datetime, timedelta

import pytest

from clinical.services import alert_timers

# Tomorrow: defaults of fields took hold of the real clock when Django was loaded, and what begins "now" by
# them must have begun.
MORNING = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=1)
TIMERS = timedelta(seconds=5)


class WallClock:
    """What `timezone.now` says; alerts' timers look at it as `run_timers` does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = self._looked = MORNING
        monkeypatch.setattr("django.utils.timezone.now", lambda: self.now)

    def let_pass(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        if self.now - self._looked >= TIMERS:
            self._looked = self.now
            alert_timers.work_off()
