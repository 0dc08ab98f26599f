"""Scale 2 and reasons not to score: decided by doctors, for a stay, with a reason; revoked, never deleted."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clinical import access
from clinical.models import Patient, ScoringDecision
from clinical.services import patients
from clinical.services.observations import record
from clinical.services.scoring import Kind, decisions_of, in_force, scale_of
from clinical.services.scoring_decisions import InvalidDecision, decide, revoke
from tests.cast import Cast
from tests.clinical.services.test_observations import given, last_set


def scale(patient: Patient, after: timedelta = timedelta()) -> int:
    return scale_of(in_force(patient, timezone.now() + after))


def test_a_prescription_says_who_when_until_and_why(cast: Cast, patient: Patient) -> None:
    until = timezone.now() + timedelta(days=2)
    decide(cast.doctor, patient.pk, Kind.SPO2_SCALE_2, " Hypercapnia, target 88-92 % ", until)
    [kept] = decisions_of(patient)
    assert (kept.decided_by, kept.until, kept.reason) == (cast.doctor, until, "Hypercapnia, target 88-92 %")
    assert abs(kept.decided_at - timezone.now()) < timedelta(minutes=1)


def test_a_prescription_ends_by_itself(cast: Cast, patient: Patient) -> None:
    decide(cast.doctor, patient.pk, Kind.SPO2_SCALE_2, "Hypercapnia", timezone.now() + timedelta(hours=2))
    assert (scale(patient), scale(patient, timedelta(hours=3))) == (2, 1)
    ScoringDecision.objects.update(
        decided_at=timezone.now() - timedelta(hours=2), until=timezone.now() - timedelta(hours=1)
    )
    Patient.objects.update(admitted_at=timezone.now() - timedelta(hours=3))
    assert record(cast.nurse, patient.pk, given(spo2=90)).score.total == 3
    decide(cast.doctor, patient.pk, Kind.SPO2_SCALE_2, "Again")
    assert record(cast.nurse, patient.pk, given(spo2=90)).score.total == 0


def test_a_revoked_decision_stays_on_record(cast: Cast, patient: Patient) -> None:
    decision = decide(cast.doctor, patient.pk, Kind.SPO2_SCALE_2, "Hypercapnia")
    revoke(cast.doctor, decision.pk)
    [kept] = decisions_of(patient)
    assert (kept.revoked_by, kept.decided_by) == (cast.doctor, cast.doctor)
    assert kept.revoked_at is not None
    assert scale(patient) == 1
    with pytest.raises(InvalidDecision, match=r"doctor\.icu has revoked this already"):
        revoke(cast.doctor, decision.pk)


def test_the_ward_hears_of_a_decision_and_of_its_end(cast: Cast, patient: Patient) -> None:
    record(cast.nurse, patient.pk, given(pulse=131))
    decision = decide(cast.doctor, patient.pk, Kind.PREGNANT, "32nd week")
    name, payload = last_set()
    assert (name, payload["row"]["notScored"]) == ("PatientChanged", "pregnant")
    # The set of before keeps its score; only nothing is due any more.
    assert payload["row"]["observation"]["score"]["total"] == 3
    assert "dueAt" not in payload["row"]["observation"]
    revoke(cast.doctor, decision.pk)
    row = last_set()[1]["row"]
    assert "notScored" not in row
    assert "dueAt" in row["observation"]
    patient.refresh_from_db()
    assert row["version"] == patient.version


def test_a_decision_holds_for_its_stay_only(cast: Cast, patient: Patient) -> None:
    ward = patient.ward
    assert ward is not None
    decide(cast.doctor, patient.pk, Kind.SPO2_SCALE_2, "Hypercapnia")
    patients.discharge(patient.pk)
    returned = patients.move(patient.pk, ward, "3")
    assert (scale(returned), decisions_of(returned)) == (1, [])


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"kind": "copd"}, "no such decision"),
        ({"reason": ""}, "Give a reason"),
        ({"reason": "   "}, "Give a reason"),
        ({"reason": "x" * 201}, "Give a reason"),
        ({"reason": "a\x00b"}, "Give a reason"),
        ({"until": timezone.now() - timedelta(minutes=1)}, "in the future"),
        ({"until": timezone.now().replace(tzinfo=None) + timedelta(days=1)}, "in the future"),
        ({"kind": "pregnant", "until": timezone.now() + timedelta(days=1)}, "whole stay"),
    ],
)
def test_what_cannot_be_decided_is_told(
    cast: Cast, patient: Patient, changes: dict[str, Any], text: str
) -> None:
    wanted: dict[str, Any] = {"kind": Kind.SPO2_SCALE_2, "reason": "Hypercapnia", "until": None} | changes
    with pytest.raises(InvalidDecision, match=text):
        decide(cast.doctor, patient.pk, **wanted)
    assert not ScoringDecision.objects.exists()


def test_what_is_decided_is_not_decided_twice(cast: Cast, patient: Patient) -> None:
    decide(cast.doctor, patient.pk, Kind.PREGNANT, "32nd week")
    with pytest.raises(InvalidDecision, match="already"):
        decide(cast.doctor, patient.pk, Kind.PREGNANT, "33rd week")


def test_only_doctors_of_the_ward_decide(cast: Cast, patient: Patient) -> None:
    decision = decide(cast.doctor, patient.pk, Kind.PREGNANT, "32nd week")
    for user in (cast.nurse, cast.pharmacist, cast.admin, cast.visitor):
        with pytest.raises(access.Forbidden, match="role"):
            decide(user, patient.pk, Kind.SPO2_SCALE_2, "Hypercapnia")
        with pytest.raises(access.Forbidden, match="role"):
            revoke(user, decision.pk)
    with pytest.raises(access.Forbidden, match="not available"):
        decide(cast.doctor_of_another_ward, patient.pk, Kind.SPO2_SCALE_2, "Hypercapnia")
    for unknown in (decision.pk, uuid.uuid4()):
        with pytest.raises(access.Forbidden, match="not available"):
            revoke(cast.doctor_of_another_ward, unknown)
