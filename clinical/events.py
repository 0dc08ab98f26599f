"""What the ward board sends and takes over the wire: events in the past tense, and the shapes within them.

A class's name is the event's name; fields are spelled in camel case. Every event carries state with the
patient's version, so that a screen may apply it late or twice.
"""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from clinical.news2 import Letter, Score


class Payload(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What all of them share."""


class ObservationInput(Payload, frozen=True):
    """One set as it is sent for recording. What was not measured is left out, which is not the same as 0.

    There is no SpO2 scale in it: that is prescribed for the patient and not chosen at the bedside.
    """

    respiration: int | None = None
    spo2: int | None = None
    on_oxygen: bool | None = None
    systolic: int | None = None
    diastolic: int | None = None
    pulse: int | None = None
    consciousness: Letter | None = None
    temperature: Decimal | None = None
    # When it was measured; None is now.
    measured_at: datetime | None = None


class ObservationSummary(Payload, frozen=True):
    """One recorded set with its score."""

    set_id: UUID
    measured_at: datetime
    recorded_by: str
    respiration: int | None
    spo2: int | None
    spo2_scale: int
    on_oxygen: bool | None
    systolic: int | None
    diastolic: int | None
    pulse: int | None
    consciousness: str | None
    # Binary only on the wire, for JSON has no other number; it is scored and stored as a decimal.
    temperature: float | None
    score: Score


class OrderSummary(Payload, frozen=True):
    """One draft order."""

    order_id: UUID
    drug_name: str
    drafted_by: str
    drafted_at: datetime


class BedRow(Payload, frozen=True):
    """One patient as the board shows them: the newest set of this stay, and the drafts."""

    patient_id: UUID
    bed: str
    name: str
    mrn: str
    born_on: date
    version: int
    observation: ObservationSummary | None
    draft_orders: list[OrderSummary]


class WardName(Payload, frozen=True):
    id: str
    name: str


class WardSnapshot(Payload, frozen=True):
    """The whole board as of a place in the ward's feed."""

    feed: str
    epoch: int
    seq: int
    ward: WardName
    beds: list[BedRow]


class ObservationRecorded(Payload, frozen=True):
    """A set was recorded; `observation` is the newest one, which an older set entered late is not."""

    patient_id: UUID
    version: int
    observation: ObservationSummary


class OrderDrafted(Payload, frozen=True):
    patient_id: UUID
    version: int
    order: OrderSummary


class PatientChanged(Payload, frozen=True):
    """A patient came to this ward, changed bed, or is now known under other particulars."""

    row: BedRow


class PatientLeft(Payload, frozen=True):
    """A patient was discharged or moved to another ward."""

    patient_id: UUID
    version: int


def ward_feed(ward_id: str) -> str:
    """The name of the ward's feed, which is also the name of the group of its screens."""
    return f"ward:{ward_id}"
