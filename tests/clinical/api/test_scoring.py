"""Decisions about the score over HTTP: by doctors, for a stay, until they are revoked."""

import uuid

from clinical.models import Patient
from tests.cast import Cast
from tests.clinical.api.conftest import Call
from tests.clinical.conftest import told

SCORING = "/api/scoring/"
YEAR_9999 = "9999-12-31T23:59:59-23:59"


def test_a_decision_holds_until_it_is_revoked_and_who_comes_second_is_told(
    cast: Cast, patient: Patient, call: Call
) -> None:
    body = {"patientId": str(patient.pk), "kind": "spo2-scale-2", "reason": "Hypercapnia."}
    made = call(cast.doctor, SCORING, body)
    assert (made.status_code, made.json()["inForce"], made.json()["decidedBy"]) == (201, True, "doctor.icu")
    assert told("icu")[-1][0] == "PatientChanged"
    assert call(cast.doctor, SCORING, body).status_code == 409
    assert call(cast.nurse, f"/api/patients/{patient.pk}/scoring/").json() == [made.json()]
    end = f"{SCORING}{made.json()['id']}/revoke/"
    assert call(cast.doctor, end, {}).json()["revokedBy"] == "doctor.icu"
    again = call(cast.doctor, end, {})
    assert (again.status_code, again.json()["detail"]) == (409, "doctor.icu has revoked this already.")


def test_what_is_no_decision_is_refused(cast: Cast, patient: Patient, call: Call) -> None:
    body = {"patientId": str(patient.pk), "kind": "pregnant", "reason": "Test positive."}
    for changes in (
        {"kind": "tired"},
        {"reason": ""},
        {"reason": "x" * 201},
        {"until": "2400-01-01T00:00:00Z"},
        {"kind": "spo2-scale-2", "until": "2020-01-01T00:00:00Z"},
        {"kind": "spo2-scale-2", "until": YEAR_9999},
        {"kind": "spo2-scale-2", "until": "2400-01-01T00:00:00"},
    ):
        assert call(cast.doctor, SCORING, body | changes).status_code == 400, changes
    assert call(cast.nurse, SCORING, body).status_code == 403
    for stranger, patient_id in ((cast.doctor_of_another_ward, patient.pk), (cast.doctor, uuid.uuid4())):
        assert call(stranger, SCORING, body | {"patientId": str(patient_id)}).status_code == 404
