"""How long after a set the next one is due, by the band of its score: the hospital's own intervals."""

import re
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# Those of the Royal College of Physicians, at their shorter end. "High" is continuous there: the monitor
# watches, and somebody confirms it every half an hour. "Unknown" is for a stay without any complete set.
DEFAULT = "routine=720,low=240,low-medium=60,medium=60,high=30,unknown=60"
BANDS = ("routine", "low", "low-medium", "medium", "high", "unknown")
ENTRY = re.compile(r"([a-z-]+)=([1-9][0-9]{0,3})")


def read(text: str) -> dict[str, timedelta]:
    """The intervals by band. Raises ImproperlyConfigured for anything but minutes for each of the six."""
    entries = [ENTRY.fullmatch(entry.strip()) for entry in text.split(",")]
    intervals = {entry[1]: timedelta(minutes=int(entry[2])) for entry in entries if entry is not None}
    if None in entries or len(entries) != len(BANDS) or set(intervals) != set(BANDS):
        raise ImproperlyConfigured(f"OBSERVATION_MINUTES must have minutes for all bands, as in {DEFAULT}.")
    return intervals


def interval_of(band: str) -> timedelta:
    intervals: dict[str, timedelta] = settings.OBSERVATION_INTERVALS
    return intervals[band]
