"""What the ward board sends and takes over the wire: events in the past tense, and the shapes within them.

A class's name is the event's name; fields are spelled in camel case. Every event carries state with the
patient's version, so that a screen may apply it late or twice. Whose fields change in a way that an older
page would misread gets the next SCHEMA.

Of several observations of one patient that a screen has missed only the newest is sent, in its own place of
the feed. It holds all that the older ones said, and nothing between them builds on those: PatientChanged
brings a whole row, PatientLeft ends it, OrderDrafted does not touch the observation. So the board ends the
same. Nothing else is merged. Every order must be seen, and of two arrivals in one bed the feed tells who left
it first: comings and goings are few, and sent without a gap no screen shows two people in a bed.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal, NotRequired, TypedDict
from uuid import UUID

import msgspec

from clinical.applicability import NotScored
from clinical.news2 import Letter, Score

# The words of models.MissingReason.
MissingReason = Literal["refused", "asleep", "away", "emergency", "doctor", "equipment", "other"]


class Payload(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What all of them share."""


class ObservationInput(Payload, frozen=True, forbid_unknown_fields=True):
    """One set as it is sent for recording. What was not measured is left out, which is not the same as 0.

    There is no SpO2 scale in it: that is prescribed for the patient and not chosen at the bedside. A member
    that is unknown is refused and not skipped: a value under another name would silently be missing.
    """

    respiration: int | None = None
    spo2: int | None = None
    on_oxygen: bool | None = None
    systolic: int | None = None
    diastolic: int | None = None
    pulse: int | None = None
    consciousness: Letter | None = None
    temperature: Decimal | None = None
    # Why the set is not complete; a program that sends what it has need not say.
    missing_reason: MissingReason | None = None
    # When it was measured; None is now.
    measured_at: datetime | None = None
    # Made once for each set, not for each attempt to send it: the same one again is answered, not recorded.
    key: UUID | None = None


class Trend(Payload, frozen=True):
    """The total beside that of the last complete set before it, which was measured at `since`."""

    direction: Literal["up", "down", "same"]
    previous: int
    since: datetime


class Correction(Payload, frozen=True):
    """What a later version of a set replaces, and why; who and when is the set's own."""

    set_id: UUID
    reason: str


class Frequency(Payload, frozen=True):
    """Who has decided the interval by which the next set is due, and until when that holds."""

    by: str
    until: datetime


class Nurse(Payload, frozen=True):
    """Who looks after a bed; `id` is the user's number."""

    id: int
    name: str
    until: datetime


class ObservationSummary(Payload, frozen=True, omit_defaults=True):
    """One recorded set with its score. What has a default here is left out where that holds."""

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
    # 1, or more for a set that was corrected.
    version: int = 1
    correction: Correction | None = None
    missing_reason: MissingReason | None = None
    # Why it has no score: its band is then "not-scored".
    not_scored: NotScored | None = None
    # Of the newest set only. No trend beside a partial set, or across a change of the SpO2 scale.
    trend: Trend | None = None
    # When the next set is due, and the interval by which it becomes late (33 % over) and missed (67 %).
    due_at: datetime | None = None
    interval_minutes: int | None = None
    # Left out where the score alone says when.
    frequency: Frequency | None = None


class OrderSummary(Payload, frozen=True):
    """One draft order."""

    order_id: UUID
    drug_name: str
    drafted_by: str
    drafted_at: datetime


class AlertView(Payload, frozen=True):
    """One alert as it stands. A newer version of it takes the place of an older one."""

    id: UUID
    patient_id: UUID
    version: int
    # "score", "red" or "overdue".
    kind: str
    # "high", "medium" or "low".
    severity: str
    # Open are "raised", "accepted" and "in_progress".
    state: str
    # Who has been called: 0 the ward, 1 the ward again, 2 a senior doctor, 3 the nurse in charge.
    level: int
    # What raised it: the points, at least so many where the set was partial, the red ones, since when due.
    score: int | None
    at_least: bool
    red: list[str]
    due_at: datetime | None
    raised_at: datetime
    # The owner's name and number, null while nobody has accepted it.
    owner: str | None
    owner_id: int | None
    # When the next call goes out unless somebody acts; null once it is closed.
    next_step_at: datetime | None


class BedRow(Payload, frozen=True, omit_defaults=True):
    """One patient as the board shows them: the newest set of this stay, and the drafts."""

    patient_id: UUID
    bed: str
    name: str
    mrn: str
    born_on: date
    version: int
    observation: ObservationSummary | None
    draft_orders: list[OrderSummary]
    # Why this stay is not scored now, whatever the newest set was.
    not_scored: NotScored | None = None
    # Words of models.Flag.Kind, in the order in which they are shown.
    flags: list[str] = []
    nurse: Nurse | None = None


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
    # The open ones of those who lie here.
    alerts: list[AlertView]


class Event(Payload, frozen=True):
    """What all events share: the version of their shape, and which of them a newer one makes needless."""

    SCHEMA: ClassVar[int] = 1

    @property
    def merge_key(self) -> str:
        """Missed events of one name and key are replaced by the newest; "" is never merged."""
        return ""


class ObservationRecorded(Event, frozen=True):
    """A set was recorded; `observation` is the newest one, which an older set entered late is not."""

    patient_id: UUID
    version: int
    observation: ObservationSummary

    @property
    def merge_key(self) -> str:
        return str(self.patient_id)


class OrderDrafted(Event, frozen=True):
    patient_id: UUID
    version: int
    order: OrderSummary


class PatientChanged(Event, frozen=True):
    """A patient came to this ward, changed bed, or is now known under other particulars."""

    row: BedRow


class PatientLeft(Event, frozen=True):
    """A patient was discharged or moved to another ward."""

    patient_id: UUID
    version: int


class EventPlace(TypedDict):
    """Where an event stands in the ward's feed; `after` is what the screen had been told before it."""

    feed: str
    epoch: int
    after: int
    seq: int
    at: datetime


class MissedEvent(TypedDict):
    """An event as the call that it would have been: client method, payload and place."""

    target: str
    arguments: tuple[Any, EventPlace]


class ResumedWard(TypedDict):
    """All that a screen has missed, up to `seq`; with `resync` nothing else, for it must subscribe again."""

    resync: bool
    feed: NotRequired[str]
    epoch: NotRequired[int]
    seq: NotRequired[int]
    events: NotRequired[list[MissedEvent]]


def ward_feed(ward_id: str) -> str:
    """The name of the ward's feed, which is also the name of the group of its screens."""
    return f"ward:{ward_id}"
