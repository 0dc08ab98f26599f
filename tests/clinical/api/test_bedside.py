"""Intervals, flags and the nurses of beds over HTTP: as the pages have them, and every refusal in words."""

import uuid
from datetime import timedelta

from django.utils import timezone

from clinical.models import Patient
from tests.cast import Cast
from tests.clinical.api.conftest import Call
from tests.clinical.conftest import told


def test_another_interval_is_decided_shown_and_revoked(cast: Cast, patient: Patient, call: Call) -> None:
    until = (timezone.now() + timedelta(hours=8)).isoformat()
    body = {"patientId": str(patient.pk), "minutes": 30, "until": until, "reason": "Looks grey."}
    made = call(cast.nurse, "/api/frequencies/", body)
    assert (made.status_code, made.json()["kind"], made.json()["intervalMinutes"]) == (201, "frequency", 30)
    assert told("icu")[-1][0] == "PatientChanged"
    assert call(cast.nurse, "/api/frequencies/", body).status_code == 409
    assert call(cast.pharmacist, f"/api/patients/{patient.pk}/scoring/").json() == [made.json()]
    end = f"/api/frequencies/{made.json()['id']}/revoke/"
    assert call(cast.nurse, end, {}).json()["revokedBy"] == "nurse.icu"
    assert call(cast.doctor, end, {}).status_code == 409
    for changes in (
        {"minutes": 7},
        {"minutes": 240},  # less often than the hour of who has not been observed yet
        {"reason": ""},
        {"until": "2020-01-01T00:00:00Z"},
        {"until": "2400-01-01T00:00:00Z"},
    ):
        assert call(cast.nurse, "/api/frequencies/", body | changes).status_code == 400, changes
    assert call(cast.doctor, "/api/scoring/", body | {"kind": "frequency"}).status_code == 400


def test_a_flag_is_set_once_listed_and_cleared(cast: Cast, patient: Patient, call: Call) -> None:
    body = {"patientId": str(patient.pk), "kind": "isolation", "note": "MRSA"}
    made = [call(cast.nurse, "/api/flags/", body) for _ in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    assert made[0].json() == made[1].json()
    assert call(cast.pharmacist, f"/api/patients/{patient.pk}/flags/").json() == [made[0].json()]
    cleared = call(cast.doctor, f"/api/flags/{made[0].json()['id']}/clear/", {})
    assert (cleared.status_code, cleared.json()["clearedBy"]) == (200, "doctor.icu")
    assert call(cast.nurse, "/api/flags/", body | {"kind": "dnacpr"}).status_code == 403
    assert call(cast.nurse, "/api/flags/", body | {"kind": "tall"}).status_code == 400
    assert call(cast.nurse, "/api/flags/", body | {"patientId": str(uuid.uuid4())}).status_code == 404


def test_beds_are_given_and_released(cast: Cast, patient: Patient, call: Call) -> None:
    path = "/api/wards/icu/nurses/"
    given = call(cast.nurse, path, {"beds": ["1"], "hours": 8})
    assert [(each["bed"], each["nurse"]) for each in given.json()] == [("1", "nurse.icu")]
    row = call(cast.pharmacist, f"/api/patients/{patient.pk}/").json()["row"]
    assert row["nurse"]["id"] == cast.nurse.pk
    for wrong, status in (
        ({"beds": [], "hours": 8}, 409),
        ({"beds": ["77"], "hours": 8}, 409),
        ({"beds": ["1"], "hours": 9}, 400),
        ({"beds": ["1"], "hours": 8, "user": "doctor.icu"}, 403),
    ):
        assert call(cast.nurse, path, wrong).status_code == status, wrong
    for name in ("doctor.icu", "nobody"):
        assert call(cast.admin, path, {"beds": ["1"], "hours": 8, "user": name}).status_code == 409
    assert call(cast.nurse, f"{path}release/", {"beds": ["1"]}).json() == []
