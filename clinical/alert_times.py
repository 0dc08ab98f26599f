"""How soon an alert must be accepted, and reviewed after that: the hospital's own times."""

import re
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# Minutes to accept / minutes to review after that.
DEFAULT = "high=5/30,medium=15/60,low=30/120"
ENTRY = re.compile(r"(high|medium|low)=([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")


class Times(NamedTuple):
    """Of one severity. When a time is over somebody else is called, and it begins anew."""

    accept: timedelta
    review: timedelta


def read(text: str) -> dict[str, Times]:
    """The times by severity. Raises ImproperlyConfigured for anything but one entry for each of the three."""
    entries = [ENTRY.fullmatch(entry.strip()) for entry in text.split(",")]
    times = {
        entry[1]: Times(timedelta(minutes=int(entry[2])), timedelta(minutes=int(entry[3])))
        for entry in entries
        if entry is not None
    }
    if None in entries or len(entries) != 3 or len(times) != 3:
        raise ImproperlyConfigured(f"ALERT_MINUTES must have minutes for all three, as in {DEFAULT}.")
    return times


def times_of(severity: str) -> Times:
    times: dict[str, Times] = settings.ALERT_TIMES
    return times[severity]
