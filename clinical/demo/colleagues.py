"""Staff of the simulation who answer alerts that no visitor answers, so that none stays open for good."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from accounts.models import Role, User
from clinical.demo import staff
from clinical.models import Alert, AlertKind, AlertState, DeclineReason, Outcome, Severity, Ward
from clinical.services import alerts
from clinical.services.alert_steps import Outrun
from hubs.errors import HubError

# Ward minutes until somebody accepts; what is overdue mostly ends by the set that comes.
HIGH, OTHER, OVERDUE = 4, 8, 60
# Ward minutes after that.
REVIEW_BEGINS, RESOLVED = 5, 20
# Real time that visitors have to be faster, at any speed.
FOR_VISITORS = timedelta(seconds=20)
DECLINED = 0.2
OUTCOMES = (Outcome.TREATED, Outcome.WATCHED, Outcome.UNCHANGED, Outcome.REFERRED)


class Team(NamedTuple):
    """Who acts for the simulation on one ward."""

    nurses: list[User]
    doctors: list[User]


class Colleagues:
    """Remembers who has declined which alert, so that somebody else accepts it."""

    def __init__(self, random: Random, speed: float) -> None:
        self._random = random
        self._speed = speed
        self._declined: dict[UUID, User] = {}

    def answer(self, now: datetime, playing: Collection[UUID]) -> list[UUID]:
        """Takes one step with each alert whose time has come; returns the patients who were treated.

        Stories answer those of their own patients.
        """
        found = [alert for alert in _open_alerts() if alert.patient_id not in playing]
        for ended in self._declined.keys() - {alert.pk for alert in found}:
            del self._declined[ended]
        nurses, doctors = staff.acting(Role.NURSE), staff.acting(Role.DOCTOR)
        treated = []
        for alert in found:
            ward_id = str(alert.patient.ward_id)
            team = Team(nurses.get(ward_id, []), doctors.get(ward_id, []))
            # Somebody was faster, or the patient has gone.
            with suppress(Outrun, HubError):
                if self._step(alert, team, now):
                    treated.append(alert.patient_id)
        return treated

    def _step(self, alert: Alert, team: Team, now: datetime) -> bool:
        """Whether the alert has been ended by it."""
        if alert.state == AlertState.RAISED:
            if now - alert.raised_at >= self._time(_patience(alert)):
                self._respond(alert, team)
            return False
        if alert.owner is None or alert.owner not in team.nurses + team.doctors:
            # What a visitor has accepted is theirs, until they let the time pass.
            if alert.review_is_late:
                self._respond(alert, team)
            return False
        return self._go_on(alert, alert.owner, now - (alert.accepted_at or now))

    def _respond(self, alert: Alert, team: Team) -> None:
        called = team.doctors if alert.severity == Severity.HIGH and team.doctors else team.nurses
        able = [user for user in called if user != self._declined.get(alert.pk)] or called
        if not able:
            return
        somebody = self._random.choice(able)
        may_decline = alert.owner is None and alert.pk not in self._declined
        if may_decline and self._random.random() < DECLINED:
            self._declined[alert.pk] = somebody
            alerts.decline(somebody, alert.pk, DeclineReason.BUSY)
        else:
            alerts.accept(somebody, alert.pk)

    def _go_on(self, alert: Alert, owner: User, since: timedelta) -> bool:
        if alert.state == AlertState.ACCEPTED and since >= self._time(REVIEW_BEGINS):
            alerts.start_review(owner, alert.pk)
        elif alert.state == AlertState.IN_PROGRESS and since >= self._time(RESOLVED):
            is_overdue = alert.kind == AlertKind.OVERDUE
            outcome = Outcome.OBSERVED if is_overdue else self._random.choice(OUTCOMES)
            alerts.resolve(owner, alert.pk, outcome)
            return True
        return False

    def _time(self, minutes: float) -> timedelta:
        return FOR_VISITORS + timedelta(minutes=minutes) / self._speed


def _open_alerts() -> list[Alert]:
    """In an order that is the same from the same seed, also of those that were raised together."""
    found = alerts.open_alerts(*Ward.objects.all())
    return sorted(found, key=lambda each: (each.raised_at, each.patient.ward_id, each.patient.bed, each.kind))


def _patience(alert: Alert) -> float:
    if alert.kind == AlertKind.OVERDUE:
        return OVERDUE
    return HIGH if alert.severity == Severity.HIGH else OTHER
