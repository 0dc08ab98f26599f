"""Alerts about observations that are late or missed; nobody's act raises them, so timers look for them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinical.models import (
    OPEN,
    Alert,
    AlertKind,
    AlertState,
    ObservationSchedule,
    Patient,
    Severity,
    StepKind,
)
from clinical.services import alert_steps
from clinical.services.alert_steps import Step
from clinical.services.due import DueState, state_of

SEVERITY = {DueState.LATE: Severity.LOW, DueState.MISSED: Severity.MEDIUM}


def severity_of(schedule: ObservationSchedule, now: datetime) -> Severity | None:
    """How grave it is that the next set has not come yet; None while it is not late."""
    return SEVERITY.get(state_of(schedule.counted_from, schedule.interval, now))


def is_settled(alert: Alert, now: datetime) -> bool:
    """Whether what an overdue alert waits for has come, or is not waited for any more."""
    schedule = _schedule_of(alert.patient)
    return schedule is None or schedule.due_at != alert.due_at or severity_of(schedule, now) is None


def waiting(now: datetime) -> list[Patient]:
    """Patients whose overdue alert has to be raised, made graver or closed; three queries for a hospital."""
    late = {
        schedule.patient_id: schedule
        for schedule in ObservationSchedule.of_present_stays(due_at__lt=now).select_related("patient")
        if severity_of(schedule, now) is not None
    }
    said = _said(late)
    raising = [
        schedule.patient
        for patient_id, schedule in late.items()
        if (patient_id, schedule.due_at, severity_of(schedule, now)) not in said
    ]
    still = Alert.objects.filter(kind=AlertKind.OVERDUE, state__in=OPEN).exclude(patient__in=list(late))
    return raising + [alert.patient for alert in still.select_related("patient")]


@transaction.atomic
def look_after(patient_id: UUID, now: datetime) -> bool:
    """Does for one patient what `waiting` found, if it is still so; False if there is nothing to do.

    A patient whose row somebody holds is being recorded, moved or looked after just now: next time.
    """
    patient = Patient.objects.select_for_update(skip_locked=True).filter(pk=patient_id).first()
    if patient is None or patient.ward_id is None:
        return False
    old = _open_alert(patient)
    schedule = _schedule_of(patient)
    severity = None if schedule is None else severity_of(schedule, now)
    if schedule is None or severity is None or (old is not None and old.due_at != schedule.due_at):
        return _close(old, now)
    if (patient.pk, schedule.due_at, severity) in _said([patient.pk]):
        return False
    step = Step(StepKind.RAISED, now)
    told = [] if old is None else [alert_steps.supersede(old, step)]
    raised = alert_steps.begin(
        patient, step, kind=AlertKind.OVERDUE, severity=severity, due_at=schedule.due_at
    )
    alert_steps.publish([*told, raised])
    return True


def _close(alert: Alert | None, now: datetime) -> bool:
    if alert is not None:
        alert_steps.publish([alert_steps.end(alert, Step(StepKind.CLOSED, now), AlertState.CLOSED)])
    return alert is not None


def _said(patient_ids: Iterable[UUID]) -> set[tuple[UUID, datetime | None, str]]:
    """What has been said already: once a set and severity, also when somebody has resolved it since.

    Missed says more than late. One that closed by itself counts for nothing: what closed it was taken back,
    or the same set would not be due again.
    """
    told = Alert.objects.filter(kind=AlertKind.OVERDUE, patient__in=list(patient_ids))
    told = told.exclude(state=AlertState.CLOSED)
    rows = set(told.values_list("patient", "due_at", "severity"))
    return rows | {(patient, due_at, Severity.LOW) for patient, due_at, _ in rows}


def _open_alert(patient: Patient) -> Alert | None:
    return alert_steps.locked(patient.alerts.filter(kind=AlertKind.OVERDUE, state__in=OPEN)).first()


def _schedule_of(patient: Patient) -> ObservationSchedule | None:
    return ObservationSchedule.of_present_stays(patient=patient).first()
