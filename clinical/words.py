"""Words that several pages share: bands, measurements, reasons, ages and times."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

NOTHING = "\N{EN DASH}"
BANDS = {
    "high": gettext_lazy("High"),
    "medium": gettext_lazy("Medium"),
    "low-medium": gettext_lazy("Low–medium"),  # noqa: RUF001 - as a range is written
    "low": gettext_lazy("Low"),
    "routine": gettext_lazy("Routine"),
    "unknown": gettext_lazy("Unknown"),
    "not-scored": gettext_lazy("Not scored"),
    "none": gettext_lazy("No observations"),
}
PART_NAMES = {
    "respiration": gettext_lazy("respiration"),
    "spo2": gettext_lazy("SpO₂"),
    "oxygen": gettext_lazy("air or oxygen"),
    "systolic": gettext_lazy("blood pressure"),
    "pulse": gettext_lazy("pulse"),
    "consciousness": gettext_lazy("ACVPU"),
    "temperature": gettext_lazy("temperature"),
}
# Why somebody has no score; "withheld" on a screen that may not say why.
NOT_SCORED = {
    "under-16": gettext_lazy("under 16 years"),
    "pregnant": gettext_lazy("pregnant"),
    "end-of-life": gettext_lazy("end-of-life plan"),
    "withheld": "",
}
# By the letters of ACVPU, and by the words of models.MissingReason.
CONSCIOUSNESS = {
    "A": gettext_lazy("alert"),
    "C": gettext_lazy("new confusion"),
    "V": gettext_lazy("responds to voice"),
    "P": gettext_lazy("responds to pain"),
    "U": gettext_lazy("unresponsive"),
}
MISSING_REASONS = {
    "refused": gettext_lazy("Patient refused"),
    "asleep": gettext_lazy("Patient asleep"),
    "away": gettext_lazy("Away from the bed"),
    "emergency": gettext_lazy("Emergency"),
    "doctor": gettext_lazy("At a doctor's request"),
    "equipment": gettext_lazy("No working equipment"),
    "other": gettext_lazy("Another reason"),
}
# By the words of models.Flag.Kind.
FLAGS = {
    "isolation": gettext_lazy("Isolation"),
    "dnacpr": gettext_lazy("DNACPR"),
    "falls": gettext_lazy("Falls risk"),
    "nil-by-mouth": gettext_lazy("Nil by mouth"),
    "pressure": gettext_lazy("Pressure injury risk"),
    "diabetes": gettext_lazy("Diabetes"),
    "post-op": gettext_lazy("After an operation"),
    "palliative": gettext_lazy("Palliative care"),
}
MONTHS = (
    gettext_lazy("Jan"),
    gettext_lazy("Feb"),
    gettext_lazy("Mar"),
    gettext_lazy("Apr"),
    gettext_lazy("May"),
    gettext_lazy("Jun"),
    gettext_lazy("Jul"),
    gettext_lazy("Aug"),
    gettext_lazy("Sep"),
    gettext_lazy("Oct"),
    gettext_lazy("Nov"),
    gettext_lazy("Dec"),
)


def age(then: datetime, now: datetime) -> str:
    """ "just now", "12 min ago", "3 h 05 min ago", "2 days ago"."""
    minutes = (now - then) // timedelta(minutes=1)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return _("%(minutes)s min ago") % {"minutes": minutes}
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("%(hours)s h %(minutes)s min ago") % {"hours": hours, "minutes": f"{minutes:02}"}
    days = hours // 24
    return ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days}


def span(minutes: float) -> str:
    """ "30 min", "4 h"; of whole minutes."""
    minutes = int(minutes)
    if minutes % 60:
        return _("%(minutes)s min") % {"minutes": minutes}
    return _("%(hours)s h") % {"hours": minutes // 60}


def clock_time(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def day(on: date) -> str:
    """ "3 Jan 1930"."""
    return _("%(day)s %(month)s %(year)s") % {"day": on.day, "month": MONTHS[on.month - 1], "year": on.year}


def short_day(on: date) -> str:
    """ "3 Jan"."""
    return _("%(day)s %(month)s") % {"day": on.day, "month": MONTHS[on.month - 1]}


def moment(at: datetime) -> str:
    """ "3 Jan 14:30", by the clock of the time's own zone."""
    return f"{short_day(at)} {at:%H:%M}"


def decimal(value: Decimal | float) -> str:
    """With the language's own decimal mark."""
    return formats.localize(value, use_l10n=True)


def measured(value: Decimal) -> str:
    """As it was measured: 37.3 and 37.25, with no place that only the database has."""
    tenths = value.quantize(Decimal("0.1"))
    return decimal(tenths if tenths == value else value)
