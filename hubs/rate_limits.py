"""How many calls a connection, a user and a user at one action may make: token buckets of this worker."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from hubs.conf import hubs_settings

MAXIMUM_BUCKETS = 10_000  # the least recently used one is forgotten: it has long filled up again
SECONDS = {"s": 1, "m": 60, "h": 3600}


class Bucket:
    """Holds up to `size` tokens, filled evenly over `period` seconds; a call takes one."""

    __slots__ = ("_filled_at", "_period", "_size", "_tokens")

    def __init__(self, size: int, period: float) -> None:
        self._size = size
        self._period = period
        self._tokens = float(size)
        self._filled_at = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        gained = (now - self._filled_at) * self._size / self._period
        self._tokens = min(self._size, self._tokens + gained)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def parsed(rate: str) -> tuple[int, float]:
    """(calls, seconds) of a rate as DRF writes it: "100/min", "5/s". Raises ValueError for another text."""
    number, _, unit = rate.partition("/")
    if not number.isdecimal() or int(number) < 1 or unit[:1] not in SECONDS:
        raise ValueError(f"A rate is written like 100/min, not {rate!r}.")
    return int(number), float(SECONDS[unit[:1]])


class RateLimits:
    """The buckets of one worker. RATE_LIMITS: {"connection": rate, "user": rate, "actions": {name: rate}}."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[str, ...], Bucket] = OrderedDict()

    def allow(self, *, connection: str, user: str | None, target: str) -> bool:
        """Whether one more call may be made. `target` counts as the client wrote it, without regard to case.

        A call that is refused by one limit has still been counted by those before it.
        """
        limits: Mapping[str, Any] = hubs_settings.RATE_LIMITS
        if not limits:
            return True
        who = user or connection
        actions = {name.lower(): rate for name, rate in limits.get("actions", {}).items()}
        asked = (
            (("connection", connection), limits.get("connection")),
            (("user", who), limits.get("user")),
            (("action", who, target.lower()), actions.get(target.lower())),
        )
        return all(self._bucket(key, rate).take() for key, rate in asked if rate is not None)

    def _bucket(self, key: tuple[str, ...], rate: str) -> Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(*parsed(rate))
            if len(self._buckets) > MAXIMUM_BUCKETS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return bucket
