"""A clock for tests of deadlines: what hubs takes for the time moves at once, and nothing sleeps."""

import sys
import time


class Clock:
    """Stands in for the time module inside hubs."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._set_back = 0.0

    def advance(self, seconds: float) -> None:
        self._ahead += seconds

    def set_back(self, seconds: float) -> None:
        """Somebody corrects the wall clock; the monotonic one does not care."""
        self._set_back += seconds

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def time(self) -> float:
        return time.time() + self._ahead - self._set_back


def clock(monkeypatch) -> Clock:
    """Puts a clock into every module of hubs, and has the worker look at its connections all the time."""
    stand_in = Clock()
    for name, module in tuple(sys.modules.items()):
        if name.startswith("hubs.") and getattr(module, "time", None) is time:
            monkeypatch.setattr(module, "time", stand_in)
    monkeypatch.setattr("hubs.worker.TICK", 0.01)
    return stand_in
