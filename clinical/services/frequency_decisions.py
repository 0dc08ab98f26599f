"""Deciding for a while that a patient is observed more often, or less, than the score asks for."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role, User
from clinical import access
from clinical.models import Patient, ScoringDecision
from clinical.services import schedules, scoring, scoring_decisions
from clinical.services.frequencies import FREQUENCY
from clinical.services.scoring_decisions import AlreadyDecided, InvalidDecision, check_reason

PRESCRIBERS = (Role.DOCTOR, Role.NURSE)
MINUTES = (15, 30, 60, 120, 240, 360, 480, 720, 1440)
# Whoever is observed otherwise for longer is looked at anew first.
LONGEST = timedelta(days=3)
LESS_OFTEN = gettext_lazy("Less often than now is for a doctor or the nurse in charge to decide.")
NOT_YOURS = gettext_lazy("This is for whoever decided it, a doctor or the nurse in charge to revoke.")


@transaction.atomic
def prescribe(
    user: User, patient_id: UUID, minutes: int, reason: str, until: datetime | None
) -> ScoringDecision:
    """Decides from now on and tells the ward. Of several that hold the newest counts."""
    access.require_role(user, *PRESCRIBERS)
    patient = access.patient_for(user, patient_id, lock=True)
    at = patient.time_of_stay()
    _check(minutes, until, at)
    check_reason(reason)
    interval, in_force = timedelta(minutes=minutes), scoring.in_force(patient, at)
    if any(each.interval == interval and each.until == until for each in in_force):
        raise AlreadyDecided(_("This is decided already."))
    asked = schedules.asked_of(patient, in_force)
    if not may_lengthen(user, patient) and interval > (_present(patient, asked) or interval):
        raise InvalidDecision(str(LESS_OFTEN))
    decision = ScoringDecision.objects.create(
        patient=patient,
        kind=FREQUENCY,
        decided_by=user,
        decided_at=at,
        until=until,
        reason=reason.strip(),
        interval=interval,
        instead_of=asked,
    )
    scoring_decisions.tell(patient)
    return decision


@transaction.atomic
def revoke(user: User, decision_id: UUID) -> ScoringDecision:
    """Ends a decision now: one's own, and for a doctor and the nurse in charge anybody's."""
    access.require_role(user, *PRESCRIBERS)
    patient = access.patient_for(user, scoring_decisions.patient_of(user, decision_id), lock=True)
    found = ScoringDecision.objects.select_related("revoked_by").get(pk=decision_id)
    if found.kind != FREQUENCY:
        raise access.Forbidden(access.FORBIDDEN_PATIENT)
    if found.decided_by_id != user.pk and not may_lengthen(user, patient):
        raise InvalidDecision(str(NOT_YOURS))
    return scoring_decisions.end(user, patient, found)


def may_lengthen(user: User, patient: Patient) -> bool:
    """Whether the user may also ask for fewer observations."""
    return user.role == Role.DOCTOR or access.is_in_charge(user, str(patient.ward_id))


def _present(patient: Patient, asked: timedelta | None) -> timedelta | None:
    schedule = schedules.of_patients([patient.pk]).get(patient.pk)
    return asked if schedule is None or schedule.interval is None else schedule.interval


def _check(minutes: int, until: datetime | None, at: datetime) -> None:
    if minutes not in MINUTES:
        raise InvalidDecision(_("Choose one of the intervals."))
    if until is None or until.tzinfo is None or until <= at:
        raise InvalidDecision(_("The end must lie in the future."))
    if until > at + LONGEST:
        raise InvalidDecision(_("The end must lie within %(days)s days.") % {"days": LONGEST.days})
