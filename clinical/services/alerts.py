"""What people do with alerts: accept, decline, begin the review, resolve; and which are open."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Role, User
from clinical import access
from clinical.events import AlertView
from clinical.models import (
    OPEN,
    Alert,
    AlertLevel,
    AlertState,
    DeclineReason,
    Outcome,
    StepKind,
    Ward,
)
from clinical.services import alert_steps
from clinical.services.alert_answers import (
    AlreadyAccepted,
    AlreadyOver,
    NotTheOwner,
    UnknownAlert,
    answer,
)
from clinical.services.alert_raising import on_move as on_move
from clinical.services.alert_raising import on_observation as on_observation
from clinical.services.alert_steps import Step, Told, view

RESPONDERS = (Role.DOCTOR, Role.NURSE)


def open_on(*wards: Ward) -> list[AlertView]:
    """The open alerts of the patients who lie on the wards, oldest first; one query."""
    return [view(alert) for alert in open_alerts(*wards)]


def open_alerts(*wards: Ward) -> list[Alert]:
    """The same as rows, with patient and owner."""
    found = Alert.objects.filter(patient__ward__in=wards, state__in=OPEN)
    return list(found.select_related("patient", "owner"))


@transaction.atomic
def accept(user: User, alert_id: UUID) -> AlertView:
    """Makes the user the owner. The first one wins; whoever comes later is told who that was.

    From an owner who lets the time pass anybody takes it over, and the nurse in charge from everybody.
    """
    alert, now = _open_for(user, alert_id), timezone.now()
    if alert.owner_id == user.pk:
        # A second click, or an answer that was lost: the user has what they ask for.
        return view(alert)
    if alert.owner_id is not None and not _may_take_over(alert, user):
        raise AlreadyAccepted(alert)
    changes = {
        "state": AlertState.ACCEPTED,
        "owner": user,
        "accepted_at": alert.accepted_at or now,
        "level": AlertLevel.WARD,
    }
    return _taken(alert, Step(StepKind.ACCEPTED, now, user), **changes)


@transaction.atomic
def decline(user: User, alert_id: UUID, reason: str, note: str = "") -> AlertView:
    """Says that the user cannot; the others are told, and called no later. An owner gives the alert back."""
    reason, note = answer(DeclineReason, reason, note)
    alert, now = _open_for(user, alert_id), timezone.now()
    if alert.owner_id == user.pk:
        step = Step(StepKind.RETURNED, now, user, reason, note)
        return _taken(alert, step, state=AlertState.RAISED, owner=None, level=AlertLevel.WARD)
    if alert.owner_id is not None:
        raise AlreadyAccepted(alert)
    if alert.steps.filter(kind=StepKind.DECLINED, actor=user).exists():
        return view(alert)
    return _told(alert, alert_steps.take(alert, Step(StepKind.DECLINED, now, user, reason, note)))


@transaction.atomic
def start_review(user: User, alert_id: UUID) -> AlertView:
    """Its owner is at the bedside; the time for the review begins anew."""
    alert, now = _open_for(user, alert_id), timezone.now()
    _require_owner(alert, user)
    if alert.state == AlertState.IN_PROGRESS:
        return view(alert)
    step = Step(StepKind.STARTED, now, user)
    return _taken(alert, step, state=AlertState.IN_PROGRESS, level=AlertLevel.WARD)


@transaction.atomic
def resolve(user: User, alert_id: UUID, outcome: str, note: str = "") -> AlertView:
    """Ends it with what came of it; by its owner only."""
    outcome, note = answer(Outcome, outcome, note)
    alert = _readable(user, alert_id)
    if alert.state == AlertState.RESOLVED and alert.owner_id == user.pk:
        return view(alert)
    _require_open(alert)
    _require_owner(alert, user)
    step = Step(StepKind.RESOLVED, timezone.now(), user, outcome, note)
    return _told(alert, alert_steps.end(alert, step, AlertState.RESOLVED))


def _taken(alert: Alert, step: Step, **changes: object) -> AlertView:
    """With the timer set anew for what the alert becomes."""
    next_step_at = step.at + alert_steps.patience(str(changes["state"]), alert.severity)
    return _told(alert, alert_steps.take(alert, step, next_step_at=next_step_at, **changes))


def _told(alert: Alert, told: Told) -> AlertView:
    alert_steps.publish([told])
    return view(alert)


def _open_for(user: User, alert_id: UUID) -> Alert:
    alert = _readable(user, alert_id)
    _require_open(alert)
    return alert


def _readable(user: User, alert_id: UUID) -> Alert:
    """The alert, locked until the transaction ends; one that does not exist looks like somebody else's."""
    access.require_role(user, *RESPONDERS)
    alert = alert_steps.locked(Alert.objects.filter(pk=alert_id)).first()
    if alert is None or alert.patient.ward_id is None:
        raise UnknownAlert
    if not access.may_see(user, alert.patient.ward_id):
        raise UnknownAlert
    return alert


def _may_take_over(alert: Alert, user: User) -> bool:
    return alert.review_is_late or access.is_in_charge(user, str(alert.patient.ward_id))


def _require_open(alert: Alert) -> None:
    if not alert.is_open:
        raise AlreadyOver(alert)


def _require_owner(alert: Alert, user: User) -> None:
    if alert.owner_id != user.pk:
        raise NotTheOwner(alert)
