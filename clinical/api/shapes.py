"""The bodies that the API takes, and the answers that are no shapes of the hub's."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from clinical.events import AlertView, BedRow, ObservationInput, Payload
from clinical.models import DeclineReason, Flag, Outcome
from clinical.models.assignments import Assignment
from clinical.services.bed_assignments import HOURS
from clinical.services.frequency_decisions import MINUTES
from clinical.services.scoring_decisions import DECIDABLE

Bed = Annotated[str, Meta(min_length=1, max_length=10, pattern="^[A-Za-z0-9-]+$")]
MedicalRecordNumber = Annotated[str, Meta(min_length=1, max_length=20, pattern="^[A-Za-z0-9-]+$")]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Reason = Annotated[str, Meta(max_length=200)]
Note = Annotated[str, Meta(max_length=500)]
WardId = Annotated[str, Meta(max_length=50)]


def one_of(choices: Any) -> Any:
    """A word of the model's choices."""
    words = tuple(map(str, choices.values))
    return Literal.__getitem__(words)


class Body(msgspec.Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """What they share."""


class NewSet(ObservationInput, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A set that is to be recorded; what was not measured is left out."""

    patient_id: UUID


class NewVersion(ObservationInput, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A correction: the whole set as it should have been, and why; or that it was never measured at all."""

    reason: Reason
    withdrawn: bool = False


class Decline(Body, frozen=True):
    reason: one_of(DeclineReason)  # type: ignore[valid-type]  # made from the choices
    note: Note = ""


class Resolution(Body, frozen=True):
    outcome: one_of(Outcome)  # type: ignore[valid-type]  # see above
    note: Note = ""


class Place(Body, frozen=True):
    """A bed of a ward."""

    ward_id: WardId
    bed: Bed


class Admission(Body, frozen=True):
    """Somebody who comes, or who was here before under the same number, name and date of birth."""

    ward_id: WardId
    bed: Bed
    mrn: MedicalRecordNumber
    family_name: Name
    given_name: Name
    born_on: date


class Move(Body, frozen=True):
    """Whose move, and from where: where the patient lies elsewhere by now, somebody was first."""

    patient_id: UUID
    seen: Place = msgspec.field(name="from")


class Transfer(Move, frozen=True):
    to: Place


class Swap(Move, frozen=True):
    """The bed, on the same ward, of the patient to swap with."""

    with_bed: Bed


class Discharge(Move, frozen=True):
    """Where to, in words."""

    reason: Reason = ""


class NewAssignment(Body, frozen=True, kw_only=True):
    """Who shall see the ward, as what, from when (left out: now) and until when (left out: a home only)."""

    user: Annotated[str, Meta(min_length=1, max_length=150)]
    kind: one_of(Assignment.Kind)  # type: ignore[valid-type]  # see above
    in_charge: bool = False
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    reason: Reason


class End(Body, frozen=True):
    """When an assignment ends; left out: now."""

    ends_at: datetime | None = None


class NewDecision(Body, frozen=True):
    """`until` is for SpO2 scale 2 only; left out, it holds for the stay or until it is revoked."""

    patient_id: UUID
    kind: Literal[*map(str, DECIDABLE)]  # type: ignore[valid-type]  # see above
    reason: Reason
    until: datetime | None = None


class NewFrequency(Body, frozen=True):
    """How often, in minutes, until when, and why."""

    patient_id: UUID
    minutes: Literal[*MINUTES]  # type: ignore[valid-type]  # made from the service's choices
    until: datetime
    reason: Reason


class NewFlag(Body, frozen=True):
    patient_id: UUID
    kind: one_of(Flag.Kind)  # type: ignore[valid-type]  # see above
    note: Reason = ""


class ReleasedBeds(Body, frozen=True):
    """Beds of a ward."""

    beds: Annotated[list[Bed], Meta(max_length=100)]


class GivenBeds(ReleasedBeds, frozen=True):
    """For how many hours, and whose; left out, those of whoever sends this."""

    hours: Literal[*HOURS]  # type: ignore[valid-type]  # see above
    user: Annotated[str, Meta(max_length=150)] = ""


class NewOrder(Body, frozen=True):
    """A drug by its name in the catalogue."""

    patient_id: UUID
    drug_name: Annotated[str, Meta(min_length=1, max_length=100)]


class Particulars(Payload, frozen=True):
    """Who lies where."""

    patient_id: UUID
    mrn: str
    name: str
    born_on: date
    ward_id: str
    bed: str
    version: int


class PatientDetail(Payload, frozen=True):
    """One patient as the board shows them, and their open alerts."""

    ward_id: str
    row: BedRow
    alerts: list[AlertView]


class MovementView(Payload, frozen=True):
    """One move as it was made. Of a discharge the bed is empty, and the ward is null."""

    id: UUID
    patient_id: UUID
    kind: Literal["admission", "transfer", "bed change", "discharge"]
    from_ward_id: str | None
    from_bed: str
    to_ward_id: str | None
    to_bed: str
    at: datetime
    by: str | None
    reason: str


class AssignmentView(Payload, frozen=True):
    id: UUID
    user_id: int
    user_name: str
    ward_id: str
    kind: str
    in_charge: bool
    begins_at: datetime
    ends_at: datetime | None
    reason: str
    granted_by: str
    revoked_at: datetime | None


class DecisionView(Payload, frozen=True):
    id: UUID
    patient_id: UUID
    kind: str
    in_force: bool
    decided_by: str | None
    decided_at: datetime
    until: datetime | None
    # Of the kind "frequency" only.
    interval_minutes: int | None
    reason: str
    revoked_by: str | None
    revoked_at: datetime | None


class FlagView(Payload, frozen=True):
    id: UUID
    patient_id: UUID
    kind: str
    note: str
    set_by: str
    set_at: datetime
    cleared_by: str | None
    cleared_at: datetime | None


class BedView(Payload, frozen=True):
    """Whose bed it is, and until when."""

    bed: str
    nurse: str
    nurse_id: int
    until: datetime
