"""Nurses who never sleep: records observation sets of drifting patients, one a step."""

from random import Random
from uuid import UUID

from accounts.models import Role, User
from clinical.demo import vitals
from clinical.models import Patient
from clinical.services import observations

# How often a patient takes a turn for the better or the worse.
TURN = 0.08


class Simulation:
    """Remembers how each patient is doing and where that leads."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._now: dict[UUID, vitals.Vitals] = {}
        self._course: dict[UUID, vitals.Vitals] = {}

    def step(self) -> bool:
        """Records one set of some patient, as a nurse of the ward; False where there is nobody to do so."""
        nurses = {user.department: user for user in User.objects.filter(role=Role.NURSE, is_active=True)}
        found = list(Patient.objects.filter(ward__in=nurses).order_by("pk").values_list("pk", "ward"))
        if not found:
            return False
        patient_id, ward_id = self._random.choice(found)
        given = vitals.as_entered(self._random, self._measure(patient_id))
        observations.record(nurses[ward_id], patient_id, given)
        return True

    def _measure(self, patient_id: UUID) -> vitals.Vitals:
        if patient_id not in self._course or self._random.random() < TURN:
            self._course[patient_id] = vitals.state(self._random)
        if patient_id not in self._now:
            self._now[patient_id] = vitals.of(observations.latest_of([patient_id]).get(patient_id))
        self._now[patient_id] = vitals.drifted(self._random, self._now[patient_id], self._course[patient_id])
        return self._now[patient_id]
