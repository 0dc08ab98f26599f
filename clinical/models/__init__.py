"""The clinical record, one module a noun; import the models from here."""

from clinical.models.observations import Consciousness, ObservationSet
from clinical.models.orders import Drug, MedicationOrder
from clinical.models.patients import Patient
from clinical.models.wards import Ward

__all__ = ["Consciousness", "Drug", "MedicationOrder", "ObservationSet", "Patient", "Ward"]
