"""Patients over HTTP: who lies where, and how one of them is."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.openapi import ListOf, operation
from accounts.permissions import IsClinicalStaff
from clinical import access
from clinical.api.shapes import DecisionView, MovementView, Particulars, PatientDetail
from clinical.api.view import ClinicalView, answer
from clinical.events import ObservationSummary
from clinical.models import AccessRecord, Movement, ObservationSet, Patient, ScoringDecision
from clinical.services import access_records, alerts, board, observations, schedules, scoring, stays

API = AccessRecord.Door.API
# Newer sets push older ones out of the answer, as on the page.
NEWEST = 50


class PatientList(ClinicalView):
    """`GET`: the admitted patients whom the user may see, by ward and bed.

    Not in pages: beds bound the list, and a page of it would look like the whole.
    """

    permission_classes = [IsClinicalStaff]

    @operation("list_patients", ListOf(Particulars), 401, 403)
    def get(self, request: Request) -> Response:
        access_records.note(self.user, None, API)
        found = sorted(access.visible_patients(self.user), key=_place)
        return answer([_particulars(patient) for patient in found])


class PatientView(ClinicalView):
    """About one patient whom the user may see."""

    permission_classes = [IsClinicalStaff]

    def patient(self, patient_id: UUID) -> Patient:
        return access_records.open_patient(self.user, patient_id, API)


class PatientOnBoard(PatientView):
    """`GET`: how a patient is: the newest set, draft orders, open alerts."""

    @operation("read_patient", PatientDetail, 401, 403, 404)
    def get(self, request: Request, patient_id: UUID) -> Response:
        patient = self.patient(patient_id)
        assert patient.ward is not None, "only the admitted are found"
        open_ones = [each for each in alerts.open_on(patient.ward) if each.patient_id == patient.pk]
        row = board.rows([patient])[0]
        return answer(PatientDetail(ward_id=patient.ward.pk, row=row, alerts=open_ones))


class PatientSets(PatientView):
    """`GET`: the sets of this stay in all their versions, newest first; at most 50."""

    @operation("list_observations", ListOf(ObservationSummary), 401, 403, 404)
    def get(self, request: Request, patient_id: UUID) -> Response:
        patient = self.patient(patient_id)
        schedule = schedules.of_patients([patient.pk]).get(patient.pk)
        found = ObservationSet.objects.filter(patient=patient, recorded_at__gte=patient.admitted_at)
        newest = found.select_related("recorded_by")[:NEWEST]
        return answer([observations.summary(each, schedule) for each in newest])


class PatientMovements(PatientView):
    """`GET`: where the patient has been during this stay, newest first."""

    @operation("list_movements", ListOf(MovementView), 401, 403, 404)
    def get(self, request: Request, patient_id: UUID) -> Response:
        return answer([movement_view(each) for each in stays.history(self.patient(patient_id))])


class PatientDecisions(PatientView):
    """`GET`: what was decided in this stay about the score, what has ended too; newest first."""

    @operation("list_scoring_decisions", ListOf(DecisionView), 401, 403, 404)
    def get(self, request: Request, patient_id: UUID) -> Response:
        now = timezone.now()
        return answer([decision_view(each, now) for each in scoring.decisions_of(self.patient(patient_id))])


def movement_view(movement: Movement) -> MovementView:
    return MovementView(
        id=movement.pk,
        patient_id=movement.patient_id,
        kind=movement.kind,  # type: ignore[arg-type]  # one of the choices
        from_ward_id=movement.from_ward_id,
        from_bed=movement.from_bed,
        to_ward_id=movement.to_ward_id,
        to_bed=movement.to_bed,
        at=movement.at,
        by=movement.by.display_name if movement.by else None,
        reason=movement.reason,
    )


def decision_view(decision: ScoringDecision, at: datetime) -> DecisionView:
    return DecisionView(
        id=decision.pk,
        patient_id=decision.patient_id,
        kind=decision.kind,
        in_force=decision.holds(at),
        decided_by=decision.decided_by.display_name if decision.decided_by else None,
        decided_at=decision.decided_at,
        until=decision.until,
        interval_minutes=None if decision.interval is None else round(decision.interval.total_seconds() / 60),
        reason=decision.reason,
        revoked_by=decision.revoked_by.display_name if decision.revoked_by else None,
        revoked_at=decision.revoked_at,
    )


def _place(patient: Patient) -> tuple[str, list[tuple[int, str]]]:
    return str(patient.ward_id), board.bed_order(patient.bed)


def _particulars(patient: Patient) -> Particulars:
    """The names are those of the hub's rows."""
    return Particulars(
        patient_id=patient.pk,
        mrn=patient.mrn,
        name=str(patient),
        born_on=patient.born_on,
        ward_id=str(patient.ward_id),
        bed=patient.bed,
        version=patient.version,
    )
