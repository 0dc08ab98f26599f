"""Believable vital signs: how the well and the ill look, and how that drifts."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from random import Random

from clinical.events import MissingReason, ObservationInput
from clinical.models import ObservationSet
from clinical.news2 import Letter


@dataclass(frozen=True)
class Vitals:
    """One complete set."""

    respiration: int
    spo2: int
    systolic: int
    diastolic: int
    pulse: int
    temperature: Decimal
    on_oxygen: bool = False
    consciousness: Letter = "A"


WELL = Vitals(15, 97, 126, 74, 72, Decimal("36.7"))
RECOVERING = Vitals(18, 95, 116, 70, 86, Decimal("37.3"))
FEVERISH = Vitals(20, 95, 112, 66, 98, Decimal("38.4"))
BREATHLESS = Vitals(23, 93, 134, 80, 104, Decimal("37.4"), on_oxygen=True)
SEPTIC = Vitals(26, 92, 92, 52, 122, Decimal("39.0"), on_oxygen=True, consciousness="C")
# Most of a ward is well enough; about one set in ten would raise an alert.
STATES = (WELL, RECOVERING, FEVERISH, BREATHLESS, SEPTIC)
WEIGHTS = (45, 28, 14, 9, 4)

# What one set differs from the next without meaning anything.
NOISE = {"respiration": 1, "spo2": 1, "systolic": 4, "diastolic": 3, "pulse": 3}
PARTIAL = 0.08
LEFT_OUT: tuple[tuple[str, MissingReason], ...] = (
    ("respiration", "emergency"),
    ("temperature", "equipment"),
    ("consciousness", "asleep"),
    ("systolic", "refused"),
)


def state(random: Random) -> Vitals:
    """How a patient is doing on the whole."""
    return random.choices(STATES, WEIGHTS)[0]


def of(recorded: ObservationSet | None) -> Vitals:
    """The patient as last seen; what was not measured is taken to be well."""
    known = {name: getattr(recorded, name, None) for name in WELL.__dataclass_fields__}
    return replace(WELL, **{name: value for name, value in known.items() if value is not None})


def drifted(random: Random, now: Vitals, towards: Vitals) -> Vitals:
    """The next set of a patient who is on the way to `towards`: a quarter of it, and some noise."""
    numbers = {
        name: getattr(now, name)
        + round((getattr(towards, name) - getattr(now, name)) / 4)
        + random.randint(-noise, noise)
        for name, noise in NOISE.items()
    }
    numbers["spo2"] = min(numbers["spo2"], 100)
    numbers["diastolic"] = min(numbers["diastolic"], numbers["systolic"] - 15)
    warmer = (towards.temperature - now.temperature) / 4 + Decimal(random.randint(-2, 2)) / 10
    return replace(towards, temperature=(now.temperature + warmer).quantize(Decimal("0.1")), **numbers)


def as_entered(random: Random, vitals: Vitals, measured_at: datetime | None = None) -> ObservationInput:
    """The set as somebody types it in: now and then a measurement is left out."""
    measured, reason = asdict(vitals), None
    if random.random() < PARTIAL:
        left_out, reason = random.choice(LEFT_OUT)
        measured[left_out] = None
    return ObservationInput(**measured, missing_reason=reason, measured_at=measured_at)
