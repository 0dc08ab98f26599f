"""What a patient's measurement and its time can be; anything else is a typing error, not a finding."""

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

# Measurement -> (lowest, highest) that is seen on a ward without a second thought. What is beyond is kept,
# but a person is asked once whether it is what they meant.
USUAL: dict[str, tuple[int, int]] = {
    "respiration": (6, 45),
    "spo2": (70, 100),
    "systolic": (60, 240),
    "diastolic": (30, 140),
    "pulse": (35, 180),
    "temperature": (34, 41),
}

# Further away it is no time of a patient, and time zones cannot be reckoned with.
YEARS = range(2, 9999)


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


def is_unusual(measurement: str, value: int | Decimal | None) -> bool:
    """Whether a value that can be should be looked at twice: more often a slip than a finding.

    What cannot be is refused, and nobody is asked about it.
    """
    if value is None or measurement not in USUAL:
        return False
    (lowest, highest), (least, most) = LIMITS[measurement], USUAL[measurement]
    return lowest <= value < least or most < value <= highest
