"""What a story can do with one patient of a ward: each by the service that people use, with its rules."""

import itertools
import uuid
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from accounts.models import Role, User
from clinical.access import FORBIDDEN_PATIENT, Forbidden
from clinical.demo import staff
from clinical.demo.vitals import Vitals
from clinical.events import MissingReason, ObservationInput
from clinical.models import OPEN, OWNED, Alert, Patient
from clinical.services import alerts, observations, orders, stays
from clinical.services.alert_answers import AlertConflict
from clinical.services.alert_steps import Outrun
from clinical.services.stays import Person, Place

# A visitor was faster, which is what a demo hopes for.
OUTRUN = (AlertConflict, Outrun)
# Drafts end with the stay only; a doctor does not begin more of them than anybody would read.
MOST_DRAFTS = 2
# What differs from telling to telling; in a story no bound of NEWS2 is that near to a value.
NOISE = ("systolic", "diastolic", "pulse")


class Scene:
    """One story's patient and ward. A step that is not possible any more raises HubError."""

    def __init__(self, random: Random, place: Place, patient_id: UUID | None = None) -> None:
        self._random = random
        # Where the story begins; the bed of one that has no patient is empty.
        self.place = place
        self.patient_id = patient_id
        self.recorded = 0
        # As last looked at: whether others had to be called, and whether somebody sees to it.
        self.is_called_again = False
        self.is_answered = False

    def observe(
        self,
        measured: Vitals,
        *,
        lost: str | None = None,
        why: MissingReason = "equipment",
        ago: timedelta = timedelta(),
    ) -> None:
        """Records a set as a nurse of the ward, without the value that is lost."""
        noise = {name: getattr(measured, name) + self._random.randint(-1, 1) for name in NOISE}
        values = asdict(replace(measured, **noise)) | ({lost: None} if lost else {})
        given = ObservationInput(
            **values, missing_reason=why if lost else None, measured_at=timezone.now() - ago
        )
        observations.record(self.member(Role.NURSE), self._patient().pk, given)
        self.recorded += 1

    def look(self) -> None:
        """Sees what has become of the patient's alerts."""
        found = self._open()
        self.is_called_again = any(alert.level > 0 for alert in found)
        self.is_answered = all(alert.state in OWNED for alert in found)

    def accept(self, role: Role) -> None:
        for alert in self._open():
            with suppress(*OUTRUN):
                alerts.accept(self.member(role), alert.pk)

    def decline(self, role: Role) -> None:
        for alert in self._open():
            with suppress(*OUTRUN):
                alerts.decline(self.member(role), alert.pk, "busy")

    def review(self) -> None:
        for alert, owner in self._owned():
            with suppress(*OUTRUN):
                alerts.start_review(owner, alert.pk)

    def resolve(self, outcome: str) -> None:
        for alert, owner in self._owned():
            with suppress(*OUTRUN):
                alerts.resolve(owner, alert.pk, outcome)

    def order(self, drug: str) -> None:
        """A doctor starts an order, unless it, or enough of them, have been started already."""
        patient = self._patient()
        drafts = {draft.drug.name for draft in orders.drafts_of([patient.pk]).get(patient.pk, [])}
        if drug not in drafts and len(drafts) < MOST_DRAFTS:
            orders.draft(self.member(Role.DOCTOR), patient.pk, drug)

    def admit(self, person: Person) -> None:
        self.patient_id = stays.admit(self.member(Role.NURSE), self.place, person, uuid.uuid4()).pk

    def transfer(self, ward_id: str) -> None:
        patient = self._patient()
        seen, to = Place(str(patient.ward_id), patient.bed), Place(ward_id, free_bed(ward_id))
        stays.transfer(self.member(Role.NURSE), patient.pk, seen, to, uuid.uuid4())

    def discharge(self) -> None:
        patient = self._patient()
        seen = Place(str(patient.ward_id), patient.bed)
        stays.discharge(self.member(Role.NURSE), patient.pk, seen, "well again", uuid.uuid4())

    def member(self, role: Role) -> User:
        """Somebody of the ward where the patient lies now; Forbidden where nobody there has that role."""
        ward_id = str(self._patient().ward_id) if self.patient_id else self.place.ward_id
        members = staff.acting(role).get(ward_id)
        if not members:
            raise Forbidden(FORBIDDEN_PATIENT)
        return self._random.choice(members)

    def _patient(self) -> Patient:
        """Forbidden once they have left the hospital, as for everybody who still has their id."""
        admitted = Patient.objects.filter(ward__isnull=False)
        patient = admitted.filter(pk=self.patient_id).first() if self.patient_id else None
        if patient is None:
            raise Forbidden(FORBIDDEN_PATIENT)
        return patient

    def _open(self) -> list[Alert]:
        return list(Alert.objects.filter(patient=self._patient(), state__in=OPEN).select_related("owner"))

    def _owned(self) -> list[tuple[Alert, User]]:
        """Those that somebody of the simulation owns: what a visitor has accepted is theirs to end."""
        ward_id = str(self._patient().ward_id)
        acting = {user for role in alerts.RESPONDERS for user in staff.acting(role).get(ward_id, [])}
        owned = [(alert, alert.owner) for alert in self._open() if alert.owner is not None]
        return [(alert, owner) for alert, owner in owned if owner in acting]


def free_bed(ward_id: str) -> str:
    """The first number that no bed with somebody in it has."""
    taken = set(Patient.objects.filter(ward=ward_id).values_list("bed", flat=True))
    return next(bed for bed in map(str, itertools.count(1)) if bed not in taken)
