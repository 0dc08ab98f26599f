"""What a patient's measurement can be at all; anything else is a typing error, not a finding."""

from decimal import Decimal

# Measurement -> (lowest, highest). No breath, no pulse and no pressure are findings, so 0 is allowed.
LIMITS: dict[str, tuple[int, int]] = {
    "respiration": (0, 100),
    "spo2": (0, 100),
    "systolic": (0, 350),
    "diastolic": (0, 250),
    "pulse": (0, 350),
    "temperature": (20, 45),
}


class Implausible(ValueError):
    """A measurement that no patient can have; `measurement` says which."""

    def __init__(self, measurement: str, text: str) -> None:
        super().__init__(text)
        self.measurement = measurement


def check(measurement: str, value: int | Decimal | None) -> None:
    """Raises Implausible unless the value is missing or within its limits; never corrects anything."""
    if value is None:
        return
    lowest, highest = LIMITS[measurement]
    # A NaN compares as false with everything (a signalling one raises), so it must be asked for.
    if (isinstance(value, Decimal) and value.is_nan()) or not lowest <= value <= highest:
        raise Implausible(measurement, f"must be between {lowest} and {highest}.")
