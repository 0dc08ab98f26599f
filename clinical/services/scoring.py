"""How, and whether, a patient is scored: what the decisions of the present stay say."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone

from clinical.applicability import NotScored, reason_not_to_score
from clinical.models import Patient, ScoringDecision

Kind = ScoringDecision.Kind
STATED = {Kind.PREGNANT: NotScored.PREGNANT, Kind.END_OF_LIFE: NotScored.END_OF_LIFE}


def decisions_of(patient: Patient) -> list[ScoringDecision]:
    """All of the present stay, those that have ended too; newest first, one query."""
    return list(
        ScoringDecision.objects.filter(patient=patient, decided_at__gte=patient.admitted_at).select_related(
            "decided_by", "revoked_by"
        )
    )


def in_force(patient: Patient, at: datetime) -> list[ScoringDecision]:
    """Those of the present stay that hold, newest first; one query."""
    found = ScoringDecision.objects.filter(
        patient=patient, decided_at__gte=patient.admitted_at, revoked_at__isnull=True
    ).select_related("decided_by")
    return [each for each in found if each.holds(at)]


def scale_of(decisions: Iterable[ScoringDecision]) -> int:
    return 2 if any(each.kind == Kind.SPO2_SCALE_2 for each in decisions) else 1


def stated(decisions: Iterable[ScoringDecision]) -> NotScored | None:
    """Why the stay is not scored as far as somebody has said so, whatever the patient's age is."""
    reasons = {STATED[Kind(each.kind)] for each in decisions if each.kind in STATED}
    return next((reason for reason in NotScored if reason in reasons), None)


def not_scored(born_on: date, at: datetime, said: NotScored | None) -> NotScored | None:
    """Why somebody is not scored at that time, by age and by what is stated."""
    return reason_not_to_score(born_on, timezone.localdate(at), {said} if said else set())
