"""The clinical record, one module a noun; import the models from here."""

from clinical.models.access_records import AccessRecord
from clinical.models.assignments import Assignment
from clinical.models.movements import Movement
from clinical.models.observations import Consciousness, ObservationSet
from clinical.models.orders import Drug, MedicationOrder
from clinical.models.patients import Patient
from clinical.models.wards import Ward

__all__ = [
    "AccessRecord",
    "Assignment",
    "Consciousness",
    "Drug",
    "MedicationOrder",
    "Movement",
    "ObservationSet",
    "Patient",
    "Ward",
]
