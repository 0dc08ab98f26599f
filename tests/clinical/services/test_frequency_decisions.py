"""Other intervals than the score's: who decides them, what follows them, and when they end."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clinical import access
from clinical.models import ObservationSchedule, Patient, ScoringDecision, Ward
from clinical.services import alert_timers
from clinical.services.frequency_decisions import prescribe, revoke
from clinical.services.observations import record
from clinical.services.scoring import Kind
from clinical.services.scoring_decisions import InvalidDecision, decide
from tests.cast import Cast
from tests.clinical.alarming import newest
from tests.clinical.services.test_assignments import put_in_charge
from tests.clinical.services.test_observations import given, last_set
from tests.clinical.services.test_schedules import HIGH, LOW, MEDIUM, MINUTE, observe, standing


def until(hours: float = 12) -> Any:
    return timezone.now() + timedelta(hours=hours)


def test_a_nurse_asks_for_more_and_the_ward_hears_it(cast: Cast, patient: Patient) -> None:
    observe(cast, patient, 5, LOW)
    end = until()
    decision = prescribe(cast.nurse, patient.pk, 30, " Looks grey ", end)
    assert (decision.reason, decision.instead_of) == ("Looks grey", 240 * MINUTE)
    name, payload = last_set()
    assert name == "PatientChanged"
    told = payload["row"]["observation"]
    assert (told["intervalMinutes"], told["frequency"]["by"]) == (30, "nurse.icu")
    # And every set from then on.
    assert record(cast.nurse, patient.pk, given()).interval_minutes == 30
    assert last_set()[1]["observation"]["frequency"]["by"] == "nurse.icu"
    patient.refresh_from_db()
    assert last_set()[1]["version"] == patient.version


def test_less_often_is_for_doctors_and_the_nurse_in_charge(cast: Cast, patient: Patient, icu: Ward) -> None:
    measured = observe(cast, patient, 5, MEDIUM)
    with pytest.raises(InvalidDecision, match="doctor or the nurse in charge"):
        prescribe(cast.nurse, patient.pk, 120, "Always like this", until())
    assert not ScoringDecision.objects.exists()
    first = prescribe(cast.doctor, patient.pk, 120, "Always like this", until())
    assert standing(patient).due_at == measured + 120 * MINUTE
    # Nor what would only be less than a doctor has asked for.
    with pytest.raises(InvalidDecision, match="doctor or the nurse in charge"):
        prescribe(cast.nurse, patient.pk, 240, "Sleeps", until())
    with pytest.raises(InvalidDecision, match="whoever decided it"):
        revoke(cast.nurse, first.pk)
    put_in_charge(cast.nurse, icu, cast.admin)
    prescribe(cast.nurse, patient.pk, 240, "Sleeps", until())
    assert standing(patient).interval == 240 * MINUTE


def test_less_often_ends_when_the_patient_gets_worse(cast: Cast, patient: Patient) -> None:
    observe(cast, patient, 50, MEDIUM)
    prescribe(cast.doctor, patient.pk, 240, "Always like this", until())
    assert standing(patient).interval == 240 * MINUTE
    observe(cast, patient, 5, HIGH)
    assert (standing(patient).interval, standing(patient).frequency) == (30 * MINUTE, None)
    assert "frequency" not in last_set()[1]["observation"]
    observe(cast, patient, 2, MEDIUM)
    assert standing(patient).interval == 240 * MINUTE


def test_overdue_is_what_is_late_by_the_decision(cast: Cast, patient: Patient) -> None:
    observe(cast, patient, 45, LOW)
    decision = prescribe(cast.nurse, patient.pk, 15, "Looks grey", until())
    # Nobody is late for what was asked for a moment ago.
    assert alert_timers.work_off() == 0
    ScoringDecision.objects.update(decided_at=decision.decided_at - timedelta(minutes=40))
    Patient.objects.update(admitted_at=timezone.now() - timedelta(hours=3))
    ObservationSchedule.objects.update(
        due_at=timezone.now() - timedelta(minutes=12), stay=Patient.objects.get().admitted_at
    )
    assert alert_timers.work_off() == 1
    assert (newest().kind, newest().severity) == ("overdue", "medium")


def test_somebody_who_is_not_scored_is_observed_as_often_as_was_decided(cast: Cast, patient: Patient) -> None:
    decide(cast.doctor, patient.pk, Kind.PREGNANT, "32nd week")
    measured = observe(cast, patient, 5, LOW)
    assert standing(patient).due_at is None
    decision = prescribe(cast.nurse, patient.pk, 240, "Ward rule", until())
    assert decision.instead_of is None
    assert standing(patient).due_at == measured + 240 * MINUTE
    revoke(cast.nurse, decision.pk)
    assert standing(patient).due_at is None


def test_a_decision_is_revoked_by_whoever_made_it_and_stays_on_record(cast: Cast, patient: Patient) -> None:
    observe(cast, patient, 5, LOW)
    decision = prescribe(cast.nurse, patient.pk, 30, "Looks grey", until())
    revoke(cast.nurse, decision.pk)
    assert standing(patient).interval == 240 * MINUTE
    assert "frequency" not in last_set()[1]["row"]["observation"]
    with pytest.raises(InvalidDecision, match=r"nurse\.icu has revoked this already"):
        revoke(cast.doctor, decision.pk)
    assert ScoringDecision.objects.get().revoked_by == cast.nurse


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"minutes": 7}, "Choose one"),
        ({"reason": "  "}, "Give a reason"),
        ({"reason": "a\x00b"}, "Give a reason"),
        ({"until": None}, "in the future"),
        ({"until": timezone.now() - timedelta(minutes=1)}, "in the future"),
        ({"until": timezone.now().replace(tzinfo=None) + timedelta(days=1)}, "in the future"),
        ({"until": timezone.now() + timedelta(days=4)}, "within 3 days"),
    ],
)
def test_what_cannot_be_decided_is_told(
    cast: Cast, patient: Patient, changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(InvalidDecision, match=text):
        prescribe(cast.doctor, patient.pk, **{"minutes": 60, "reason": "x", "until": until()} | changes)
    assert not ScoringDecision.objects.exists()


def test_a_second_click_decides_nothing_more(cast: Cast, patient: Patient) -> None:
    end = until()
    prescribe(cast.doctor, patient.pk, 60, "Ward rule", end)
    with pytest.raises(InvalidDecision, match="already"):
        prescribe(cast.doctor, patient.pk, 60, "Ward rule", end)


def test_only_doctors_and_nurses_of_the_ward_decide(cast: Cast, patient: Patient) -> None:
    decision = prescribe(cast.nurse, patient.pk, 30, "Looks grey", until())
    for user in (cast.pharmacist, cast.admin, cast.visitor, cast.deactivated):
        with pytest.raises(access.Forbidden, match="role"):
            prescribe(user, patient.pk, 30, "x", until())
        with pytest.raises(access.Forbidden, match="role"):
            revoke(user, decision.pk)
    scale = decide(cast.doctor, patient.pk, Kind.SPO2_SCALE_2, "Hypercapnia")
    with pytest.raises(access.Forbidden, match="not available"):
        prescribe(cast.nurse_of_another_ward, patient.pk, 30, "x", until())
    for user, unknown in (
        (cast.nurse_of_another_ward, decision.pk),
        (cast.nurse, uuid.uuid4()),
        (cast.nurse, scale.pk),
    ):
        with pytest.raises(access.Forbidden, match="not available"):
            revoke(user, unknown)


def test_frequencies_are_not_decided_by_the_door_of_scores(cast: Cast, patient: Patient) -> None:
    with pytest.raises(InvalidDecision, match="no such decision"):
        decide(cast.doctor, patient.pk, Kind.FREQUENCY, "x")
