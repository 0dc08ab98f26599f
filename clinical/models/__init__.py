"""The clinical record, one module a noun; import the models from here."""

from clinical.models.access_records import AccessRecord
from clinical.models.alerts import (
    OPEN,
    OWNED,
    Alert,
    AlertKind,
    AlertLevel,
    AlertState,
    AlertStep,
    CancelReason,
    DeclineReason,
    Outcome,
    Severity,
    StepKind,
)
from clinical.models.assignments import Assignment
from clinical.models.bed_assignments import BedAssignment
from clinical.models.flags import Flag
from clinical.models.movements import Movement
from clinical.models.observations import (
    Consciousness,
    MissingReason,
    ObservationSchedule,
    ObservationSet,
)
from clinical.models.orders import Drug, MedicationOrder
from clinical.models.patients import Patient
from clinical.models.scoring import ScoringDecision
from clinical.models.wards import Ward

__all__ = [
    "OPEN",
    "OWNED",
    "AccessRecord",
    "Alert",
    "AlertKind",
    "AlertLevel",
    "AlertState",
    "AlertStep",
    "Assignment",
    "BedAssignment",
    "CancelReason",
    "Consciousness",
    "DeclineReason",
    "Drug",
    "Flag",
    "MedicationOrder",
    "MissingReason",
    "Movement",
    "ObservationSchedule",
    "ObservationSet",
    "Outcome",
    "Patient",
    "ScoringDecision",
    "Severity",
    "StepKind",
    "Ward",
]
