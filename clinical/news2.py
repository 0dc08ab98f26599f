"""NEWS2, the Royal College of Physicians' early-warning score of 2017 for adults, as a pure function."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

import msgspec

from clinical import plausibility

# Stands in every score, so that an old number can be explained after a change of the algorithm.
VERSION = "NEWS2-2017/1"

Number = int | Decimal
Letter = Literal["A", "C", "V", "P", "U"]
Scale = Literal[1, 2]
Band = Literal["routine", "low", "low-medium", "medium", "high", "unknown", "not-scored"]
# Upper bounds in rising order with their points; above the last bound the second item counts.
# Only upper bounds, so that no value can fall between two ranges.
Bounds = tuple[tuple[tuple[Number, int], ...], int]

# No 2 on the low side, no 1 on the high side.
RESPIRATION: Bounds = (((8, 3), (11, 1), (20, 0), (24, 2)), 3)
SPO2_SCALE_1: Bounds = (((91, 3), (93, 2), (95, 1)), 0)
SPO2_SCALE_2_ON_AIR: Bounds = (((83, 3), (85, 2), (87, 1)), 0)
# Scale 2 scores too much as well, but only of what was given: above 92 on oxygen.
SPO2_SCALE_2_ON_OXYGEN: Bounds = (((83, 3), (85, 2), (87, 1), (92, 0), (94, 1), (96, 2)), 3)
# High pressure jumps from 0 to 3.
SYSTOLIC: Bounds = (((90, 3), (100, 2), (110, 1), (219, 0)), 3)
# No 2 on the low side.
PULSE: Bounds = (((40, 3), (50, 1), (90, 0), (110, 1), (130, 2)), 3)
# Fever stops at 2.
TEMPERATURE: Bounds = (
    ((Decimal("35.0"), 3), (Decimal("36.0"), 1), (Decimal("38.0"), 0), (Decimal("39.0"), 1)),
    2,
)
OXYGEN_POINTS = 2
CONSCIOUSNESS: dict[str, int] = {"A": 0, "C": 3, "V": 3, "P": 3, "U": 3}


class Measurements(msgspec.Struct, frozen=True, kw_only=True):
    """What the score is made of. None is a missing measurement; 0 is a value."""

    respiration: Number | None = None
    spo2: Number | None = None
    # 2 only where a target of 88-92 % is prescribed; never derived from a diagnosis.
    spo2_scale: Scale = 1
    # False is air; not stated is missing, not air.
    on_oxygen: bool | None = None
    systolic: Number | None = None
    pulse: Number | None = None
    consciousness: Letter | None = None
    temperature: Number | None = None


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The points of each measurement, None where it is not known."""

    respiration: int | None
    spo2: int | None
    oxygen: int | None
    systolic: int | None
    pulse: int | None
    consciousness: int | None
    temperature: int | None


class Score(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A score with its arithmetic.

    A partial set has no total. Its band is the least one that is already certain, "unknown" while that would
    be no alert: a missing measurement never hides a red nor a sum that has crossed 5 or 7. Who is not scored
    at all has the band "not-scored" and no points, for points would be read as if they meant something.
    """

    total: int | None
    lower_bound: int
    # Three points in any single measurement.
    red: bool
    band: Band
    parts: Parts
    missing: tuple[str, ...]
    scale: Scale
    version: str = VERSION


def score(given: Measurements, *, applicable: bool = True) -> Score:
    """The score of one set. Raises plausibility.Implausible for what no patient can have.

    `applicable` is False for a patient whom the score was not made for.
    """
    parts = _parts(given)
    if not applicable:
        return _not_scored(given)
    points = [value for value in msgspec.structs.astuple(parts) if value is not None]
    missing = _missing(given)
    lower_bound = sum(points)
    red = 3 in points
    band = _band(lower_bound, red=red)
    if missing and band in ("routine", "low"):
        band = "unknown"
    return Score(
        total=None if missing else lower_bound,
        lower_bound=lower_bound,
        red=red,
        band=band,
        parts=parts,
        missing=missing,
        scale=given.spo2_scale,
    )


def _not_scored(given: Measurements) -> Score:
    return Score(
        total=None,
        lower_bound=0,
        red=False,
        band="not-scored",
        parts=Parts(**dict.fromkeys(Parts.__struct_fields__)),
        missing=_missing(given),
        scale=given.spo2_scale,
    )


def charted(name: str, value: Number | None) -> Decimal | None:
    """The value at the resolution of the chart, half up: a monitor's 38.05 is 38.1, 20.5 breaths are 21."""
    plausibility.check(name, value)
    resolution = Decimal("0.1") if name == "temperature" else Decimal(1)
    return None if value is None else Decimal(value).quantize(resolution, ROUND_HALF_UP)


def _parts(given: Measurements) -> Parts:
    return Parts(
        respiration=_points(RESPIRATION, charted("respiration", given.respiration)),
        spo2=_spo2(charted("spo2", given.spo2), given.spo2_scale, given.on_oxygen),
        oxygen=None if given.on_oxygen is None else OXYGEN_POINTS * given.on_oxygen,
        systolic=_points(SYSTOLIC, charted("systolic", given.systolic)),
        pulse=_points(PULSE, charted("pulse", given.pulse)),
        consciousness=_consciousness(given.consciousness),
        temperature=_points(TEMPERATURE, charted("temperature", given.temperature)),
    )


def _points(bounds: Bounds, value: Decimal | None) -> int | None:
    if value is None:
        return None
    steps, beyond = bounds
    return next((points for upper, points in steps if value <= upper), beyond)


def _spo2(value: Decimal | None, scale: Scale, on_oxygen: bool | None) -> int | None:
    if scale == 1:
        return _points(SPO2_SCALE_1, value)
    if scale != 2:
        raise plausibility.Implausible("spo2_scale", "must be 1 or 2.")
    on_air = _points(SPO2_SCALE_2_ON_AIR, value)
    with_oxygen = _points(SPO2_SCALE_2_ON_OXYGEN, value)
    if on_oxygen is None:
        # Above 92 the points depend on the oxygen, so without it they are not known.
        return on_air if on_air == with_oxygen else None
    return with_oxygen if on_oxygen else on_air


def _consciousness(letter: str | None) -> int | None:
    if letter is None:
        return None
    if letter not in CONSCIOUSNESS:
        raise plausibility.Implausible("consciousness", "must be A, C, V, P or U.")
    return CONSCIOUSNESS[letter]


def _missing(given: Measurements) -> tuple[str, ...]:
    values = {
        "respiration": given.respiration,
        "spo2": given.spo2,
        "oxygen": given.on_oxygen,
        "systolic": given.systolic,
        "pulse": given.pulse,
        "consciousness": given.consciousness,
        "temperature": given.temperature,
    }
    return tuple(name for name, value in values.items() if value is None)


def _band(points: int, *, red: bool) -> Band:
    if points >= 7:
        return "high"
    if points >= 5:
        return "medium"
    if red:
        return "low-medium"
    return "low" if points else "routine"
