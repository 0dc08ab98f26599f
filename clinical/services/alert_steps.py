"""One step of an alert: its row, the entry in its history and the ward's event, which never part."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet

from accounts.models import User
from clinical.alert_events import EVENT_OF, AlertEvent
from clinical.alert_times import times_of
from clinical.events import AlertView, ward_feed
from clinical.models import Alert, AlertState, AlertStep, ObservationSet, Patient, StepKind
from hubs.feeds.append import append_all


class Step(NamedTuple):
    """What is done to an alert. Without an actor a timer does it, or the finding itself."""

    kind: StepKind
    at: datetime
    actor: User | None = None
    reason: str = ""
    note: str = ""
    observation: ObservationSet | None = None
    # The ward that hears of it, where that is not the one in which the patient lies by now.
    ward_id: str | None = None


class Told(NamedTuple):
    """An event on its way into a ward's feed."""

    feed: str
    event: AlertEvent


class Outrun(Exception):
    """Somebody else was faster: the alert is not as it was read."""


def locked(alerts: QuerySet[Alert], *, skip: bool = False) -> QuerySet[Alert]:
    """The rows, locked until the transaction ends; without those that somebody else holds if `skip` says so.

    Never joined with the owner: after waiting for a lock PostgreSQL reads the alert anew, and what was
    joined to it not, so that an alert which was just accepted would seem to have no owner.
    """
    return alerts.select_related(None).select_for_update(skip_locked=skip)


def begin(patient: Patient, step: Step, **particulars: Any) -> Told:
    """A new alert of an admitted patient; the database refuses a second open one of its kind."""
    alert = Alert(patient=patient, ward_id=str(patient.ward_id), raised_at=step.at, **particulars)
    alert.next_step_at = step.at + patience(alert.state, alert.severity)
    alert.save(force_insert=True)
    return _entered(alert, step)


def take(alert: Alert, step: Step, **changes: Any) -> Told:
    """The alert, with `changes` and one version further. Raises Outrun unless it is as it was read.

    Where the database locks rows nobody comes between; where it does not, the version tells.
    """
    found = Alert.objects.filter(pk=alert.pk, version=alert.version)
    if not found.update(version=alert.version + 1, **changes):
        raise Outrun
    for name, value in changes.items():
        setattr(alert, name, value)
    alert.version += 1
    return _entered(alert, step)


def end(alert: Alert, step: Step, state: AlertState) -> Told:
    """The alert out of the list, for good; its owner stays who they were."""
    return take(alert, step, state=state, next_step_at=None)


def supersede(old: Alert, step: Step) -> Told:
    """Ends an alert whose place a graver one takes."""
    return end(old, step._replace(kind=StepKind.SUPERSEDED), AlertState.SUPERSEDED)


def patience(state: str, severity: str) -> timedelta:
    """How long an alert waits for somebody to act before others are called."""
    times = times_of(severity)
    return times.accept if state == AlertState.RAISED else times.review


def publish(told: Iterable[Told]) -> None:
    """Tells the wards, last in the transaction."""
    append_all(told)


def view(alert: Alert) -> AlertView:
    """The alert as it goes over the wire."""
    return AlertView(
        id=alert.pk,
        patient_id=alert.patient_id,
        version=alert.version,
        kind=alert.kind,
        severity=alert.severity,
        state=alert.state,
        level=alert.level,
        score=alert.score,
        at_least=alert.is_partial,
        red=alert.red,
        due_at=alert.due_at,
        raised_at=alert.raised_at,
        owner=alert.owner.display_name if alert.owner else None,
        owner_id=alert.owner_id,
        next_step_at=alert.next_step_at,
    )


def _entered(alert: Alert, step: Step) -> Told:
    AlertStep.objects.create(
        alert=alert,
        kind=step.kind,
        version=alert.version,
        at=step.at,
        actor=step.actor,
        level=alert.level,
        reason=step.reason,
        note=step.note,
        observation=step.observation,
    )
    event = EVENT_OF[step.kind](
        alert=view(alert),
        by=step.actor.display_name if step.actor else None,
        at=step.at,
        reason=step.reason,
        note=step.note,
    )
    return Told(ward_feed(step.ward_id or str(alert.patient.ward_id)), event)
