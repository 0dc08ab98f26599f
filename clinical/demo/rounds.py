"""The ordinary observations of a ward: whoever is due is measured next, and is as well as before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from accounts.models import Role, User
from clinical.demo import staff, vitals
from clinical.intervals import interval_of
from clinical.models import ObservationSchedule, Patient
from clinical.services import observations, schedules
from hubs.errors import HubError

# How often a patient takes a turn for the better or the worse.
TURN = 0.04
# Nothing is due of those who are not scored; somebody looks at them all the same.
UNSCORED = timedelta(hours=4)


@dataclass
class Due:
    """A patient to be measured, and from when on."""

    patient: Patient
    nurses: list[User]
    at: datetime


class Rounds:
    """Remembers how each patient is doing and where that leads; intervals pass `speed` times as fast."""

    def __init__(self, random: Random, speed: float) -> None:
        self._random = random
        self._speed = speed
        self._now: dict[UUID, vitals.Vitals] = {}
        self._course: dict[UUID, vitals.Vitals] = {}

    def waiting(self) -> list[Due]:
        """All who lie on a ward with a nurse, the most overdue first."""
        nurses = staff.acting(Role.NURSE)
        patients = list(Patient.objects.filter(ward__in=nurses).order_by("ward", "bed"))
        known = schedules.of_patients([patient.pk for patient in patients])
        self._forget_all_but(known)
        found = [
            Due(patient, nurses[str(patient.ward_id)], self._due_at(patient, known.get(patient.pk)))
            for patient in patients
        ]
        return sorted(found, key=lambda due: due.at)

    def measure(self, due: Due) -> bool:
        """Records a set of this patient; False where they have left meanwhile, or are as nobody can be."""
        nurse = self._random.choice(due.nurses)
        given = vitals.as_entered(self._random, self._measured(due.patient.pk))
        try:
            observations.record(nurse, due.patient.pk, given)
        except HubError:
            # From what a visitor has entered at the edge of the possible it does not go on.
            self._now[due.patient.pk] = self._course[due.patient.pk]
            return False
        return True

    def recovers(self, patient_id: UUID) -> None:
        """Somebody has done something for this patient, and it helps."""
        self._course[patient_id] = vitals.RECOVERING

    def takes_over(self, patient_id: UUID) -> None:
        """A story has left the patient in a state of its own, from which it goes on."""
        self._now.pop(patient_id, None)
        self.recovers(patient_id)

    def _due_at(self, patient: Patient, schedule: ObservationSchedule | None) -> datetime:
        assert patient.admitted_at is not None  # as of everybody who lies in a bed
        if schedule is None or schedule.newest is None:
            return patient.admitted_at
        is_scored = schedule.newest.band != "not-scored"
        interval = schedule.interval or (interval_of(schedule.newest.band) if is_scored else UNSCORED)
        return schedule.newest.measured_at + interval / self._speed

    def _measured(self, patient_id: UUID) -> vitals.Vitals:
        if patient_id not in self._now:
            self._now[patient_id] = vitals.of(observations.latest_of([patient_id]).get(patient_id))
        self._course.setdefault(patient_id, self._now[patient_id])
        if self._random.random() < TURN:
            self._course[patient_id] = vitals.state(self._random)
        self._now[patient_id] = vitals.drifted(self._random, self._now[patient_id], self._course[patient_id])
        return self._now[patient_id]

    def _forget_all_but(self, patient_ids: Collection[UUID]) -> None:
        for known in (self._now, self._course):
            for patient_id in known.keys() - patient_ids:
                del known[patient_id]
