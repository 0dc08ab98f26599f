"""The record of a patient's present stay, for reading: sets in every version, orders, alerts, movements."""

from collections.abc import Iterable
from dataclasses import dataclass

from clinical.models import (
    Alert,
    AlertStep,
    Flag,
    MedicationOrder,
    Movement,
    ObservationSet,
    Patient,
    ScoringDecision,
)
from clinical.services import flags, orders, scoring, stays

# More than a stay of two months at one set an hour; what is older is not on the page, which says so.
MOST = 1500


@dataclass(frozen=True)
class Record:
    """Newest first, but for orders, which stand as they were drafted."""

    patient: Patient
    sets: list[ObservationSet]
    orders: list[MedicationOrder]
    steps: list[AlertStep]
    movements: list[Movement]
    decisions: list[ScoringDecision]
    flags: list[Flag]

    @property
    def is_cut(self) -> bool:
        return len(self.sets) == MOST

    @property
    def counting(self) -> list[ObservationSet]:
        """The sets in their last version, and none that was never measured of this patient."""
        replaced = {each.corrects_id for each in self.sets}
        return [each for each in self.sets if each.pk not in replaced and not each.withdrawn]

    @property
    def alerts(self) -> list[Alert]:
        """Those that are open, the newest first."""
        alerts = {step.alert_id: step.alert for step in self.steps}
        return [alert for alert in alerts.values() if alert.is_open]


def of(patient: Patient) -> Record:
    """Seven queries, whatever the length of the stay."""
    return Record(
        patient=patient,
        sets=list(_of_stay(patient)),
        orders=orders.drafts_of([patient.pk]).get(patient.pk, []),
        steps=list(_steps(patient)),
        movements=list(stays.history(patient)),
        decisions=scoring.decisions_of(patient),
        flags=flags.of_stay(patient),
    )


def _of_stay(patient: Patient) -> Iterable[ObservationSet]:
    sets = patient.observation_sets.filter(recorded_at__gte=patient.admitted_at)
    return sets.select_related("recorded_by")[:MOST]


def _steps(patient: Patient) -> Iterable[AlertStep]:
    steps = AlertStep.objects.filter(alert__patient=patient, alert__raised_at__gte=patient.admitted_at)
    return steps.select_related("alert__owner", "actor").order_by("-at", "-version")[:MOST]
