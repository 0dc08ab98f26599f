"""Where alerts come from and go to by themselves: sets of observations, and patients who move."""

from collections.abc import Iterable, Iterator

from django.utils import timezone

from accounts.models import User
from clinical.alert_rules import NOTHING, RANKS, Finding, Reason, finding, is_over, reason
from clinical.models import (
    OPEN,
    Alert,
    AlertKind,
    AlertState,
    CancelReason,
    ObservationSet,
    Patient,
    Severity,
    StepKind,
)
from clinical.news2 import Measurements, Score, score
from clinical.services import alert_steps, overdue_alerts, schedules
from clinical.services.alert_steps import Step, Told

# Sets without a word on alerts lie between two that have one; more of them in a row say nothing either.
LOOK_BACK = 3


def on_observation(observation: ObservationSet, newest: ObservationSet | None) -> list[Told]:
    """Raises, repeats and closes what a set that was just recorded calls for; the caller tells the ward.

    `newest` is the one that counts now, which a set that was entered late or withdrawn is not. Belongs into
    the transaction that records it, with the patient's row locked and the schedule renewed.
    """
    patient = observation.patient
    step = Step(StepKind.RAISED, timezone.now(), observation=observation)
    alerts = {alert.kind: alert for alert in open_of(patient)}
    told = list(_corrected(alerts.values(), step))
    if newest is None:
        return told
    now = _finding(newest)
    told += _closed(alerts, now, step)
    if newest.pk != observation.pk:
        new = _wrongly_closed(patient, observation, now)
    else:
        new = _reasons(patient, observation, now)
    for each in new:
        told += _raised(patient, alerts.get(each.kind), each, now, step)
    return told


def on_move(patient: Patient, left: str | None, by: User | None = None) -> list[Told]:
    """What wards hear of the alerts of a patient who came, moved or left; the caller tells them.

    Belongs into the transaction of the move, with the patient's row locked.
    """
    if left is None or left == patient.ward_id:
        return []
    now = timezone.now()
    if patient.ward_id is not None:
        return [alert_steps.take(alert, Step(StepKind.MOVED, now, by)) for alert in open_of(patient)]
    cancelled = Step(StepKind.CANCELLED, now, by, CancelReason.DISCHARGED, ward_id=left)
    return [alert_steps.end(alert, cancelled, AlertState.CANCELLED) for alert in open_of(patient)]


def open_of(patient: Patient) -> list[Alert]:
    """The patient's open alerts, locked until the transaction ends."""
    return list(alert_steps.locked(patient.alerts.filter(state__in=OPEN).order_by("pk")))


def _raised(patient: Patient, old: Alert | None, new: Reason, newest: Finding, step: Step) -> Iterator[Told]:
    """The new alert, in place of one of its kind that says less; else that one again."""
    if old is not None and not _says_more(new, newest, old):
        yield alert_steps.take(old, step._replace(kind=StepKind.REPEATED))
        return
    if old is not None:
        yield alert_steps.supersede(old, step)
    yield alert_steps.begin(
        patient,
        step,
        kind=new.kind,
        severity=new.severity,
        score=newest.points,
        is_partial=newest.is_partial,
        red=sorted(newest.red),
    )


def _says_more(new: Reason, newest: Finding, old: Alert) -> bool:
    graver = RANKS[new.severity] > RANKS[Severity(old.severity)]
    return graver or (new.kind == AlertKind.RED and not newest.red <= set(old.red))


def _closed(alerts: dict[str, Alert], newest: Finding, step: Step) -> Iterator[Told]:
    """What the newest set settles; what somebody has accepted is theirs to end, but for what was overdue."""
    for kind, alert in list(alerts.items()):
        if kind == AlertKind.OVERDUE:
            settled = overdue_alerts.is_settled(alert, step.at)
        else:
            settled = alert.owner_id is None and is_over(alert, newest)
        if settled:
            yield alert_steps.end(alerts.pop(kind), step._replace(kind=StepKind.CLOSED), AlertState.CLOSED)


def _corrected(alerts: Iterable[Alert], step: Step) -> Iterator[Told]:
    """Notes at an alert that the value which raised it was wrong; it stays, for somebody acts on it."""
    wrong = step.observation.corrects_id if step.observation else None
    if wrong is None:
        return
    for alert in alerts:
        if alert.steps.filter(observation=wrong).exists():
            yield alert_steps.take(alert, step._replace(kind=StepKind.CORRECTED))


def _reasons(patient: Patient, observation: ObservationSet, now: Finding) -> list[Reason]:
    """What is news, beside the version that is corrected, else the newest earlier set that says something."""
    if reason(now, NOTHING) is None:
        return []
    if observation.corrects is not None:
        new = reason(now, _finding(observation.corrects))
    else:
        sets = schedules.sets_of_stay(patient).exclude(pk=observation.pk)[:LOOK_BACK]
        earlier = (_finding(each) for each in sets)
        new = reason(now, next((each for each in earlier if each.is_certain), NOTHING))
    return [] if new is None else [new]


def _wrongly_closed(patient: Patient, observation: ObservationSet, now: Finding) -> list[Reason]:
    """What a set has closed that was another patient's, say, and the set that counts now still calls for."""
    closed = patient.alerts.filter(
        state=AlertState.CLOSED,
        kind__in=[AlertKind.SCORE, AlertKind.RED],
        steps__kind=StepKind.CLOSED,
        steps__observation__in=list(_versions_before(observation)),
    )
    return [
        Reason(AlertKind(alert.kind), now.severity or Severity(alert.severity))
        for alert in closed
        if not is_over(alert, now)
        and not patient.alerts.filter(kind=alert.kind, raised_at__gt=alert.raised_at).exists()
    ]


def _versions_before(observation: ObservationSet) -> Iterator[ObservationSet]:
    while observation.corrects is not None:
        observation = observation.corrects
        yield observation


def _finding(observation: ObservationSet) -> Finding:
    return finding(_score(observation))


def _score(observation: ObservationSet) -> Score:
    given = {name: getattr(observation, name) for name in Measurements.__struct_fields__}
    return score(Measurements(**given), applicable=not observation.not_scored)
