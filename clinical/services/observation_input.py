"""What can be recorded at all, and in which words what cannot is refused."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinical import plausibility
from clinical.events import ObservationInput
from hubs.errors import HubError

MEASUREMENTS = (
    "respiration",
    "spo2",
    "on_oxygen",
    "systolic",
    "diastolic",
    "pulse",
    "consciousness",
    "temperature",
)
LABELS = {
    "respiration": gettext_lazy("Respiration"),
    "spo2": gettext_lazy("SpO2"),
    "systolic": gettext_lazy("Systolic pressure"),
    "diastolic": gettext_lazy("Diastolic pressure"),
    "pulse": gettext_lazy("Pulse"),
    "temperature": gettext_lazy("Temperature"),
    "measured_at": gettext_lazy("Time of measurement"),
    "correction_reason": gettext_lazy("Reason for the correction"),
}
# Temperatures are kept with two decimals.
RESOLUTION = Decimal("0.01")
# A bedside clock may run ahead by this much.
SKEW = timedelta(minutes=2)
# Longer ago is a slip in the date, not a late entry.
OLDEST = timedelta(days=7)
# A body temperature in degrees Fahrenheit; nobody lives at as many degrees Celsius.
FAHRENHEIT = (86, 113)
FAHRENHEIT_TEXT = gettext_lazy("must be between 20 and 45 degrees Celsius, and looks like Fahrenheit.")


class InvalidObservation(HubError):
    """A set that cannot be recorded. `errors` has the text by field; "" is the set as a whole."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__(" ".join(f"{LABELS.get(name, '')} {text}".strip() for name, text in errors.items()))


class Conflict(HubError):
    """A set that came too late: something that was written before it does not go together with it."""


def check(given: ObservationInput, now: datetime) -> datetime:
    """When the set was measured. Raises InvalidObservation with all that is wrong with it."""
    measured_at = now if given.measured_at is None else given.measured_at
    errors = _implausible(given) | _wrong_time(measured_at, now)
    if all(getattr(given, name) is None for name in MEASUREMENTS):
        errors[""] = _("Give at least one measurement.")
    if errors:
        raise InvalidObservation(errors)
    return measured_at


def _implausible(given: ObservationInput) -> dict[str, str]:
    errors = {}
    for name in plausibility.LIMITS:
        try:
            plausibility.check(name, getattr(given, name))
        except plausibility.Implausible:
            errors[name] = _impossible(name, getattr(given, name))
    # More digits than are kept would be rounded twice, once here and once by the score.
    if given.temperature is not None and "temperature" not in errors and given.temperature % RESOLUTION:
        errors["temperature"] = _("must have at most two decimals.")
    if given.systolic is not None and given.diastolic is not None and given.diastolic > given.systolic:
        errors.setdefault("diastolic", _("must not be above the systolic pressure."))
    return errors


def _impossible(name: str, value: int | Decimal) -> str:
    if _is_fahrenheit(name, value):
        return str(FAHRENHEIT_TEXT)
    lowest, highest = plausibility.LIMITS[name]
    return _("must be between %(lowest)s and %(highest)s.") % {"lowest": lowest, "highest": highest}


def _is_fahrenheit(name: str, value: int | Decimal) -> bool:
    """It is told and never converted, for then a slip would become a finding."""
    lowest, highest = FAHRENHEIT
    return name == "temperature" and not Decimal(value).is_nan() and lowest <= value <= highest


def _wrong_time(measured_at: datetime, now: datetime) -> dict[str, str]:
    if measured_at.tzinfo is None:
        return {"measured_at": _("needs a time zone.")}
    if measured_at > now + SKEW:
        return {"measured_at": _("must not be in the future.")}
    if measured_at < now - OLDEST:
        text = _("must not be more than %(days)s days ago.")
        return {"measured_at": text % {"days": OLDEST.days}}
    return {}
