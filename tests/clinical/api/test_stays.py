"""Admitting, moving and discharging over HTTP: what the ward's pages do, once however often it is sent."""

import uuid
from typing import Any

import pytest

from accounts.models import User
from clinical.models import Assignment, Movement, Patient, Ward
from tests.cast import Cast
from tests.clinical.api.conftest import Call
from tests.clinical.conftest import admitted, told

ADMISSIONS, TRANSFERS, SWAPS, DISCHARGES = (
    f"/api/{each}/" for each in ("admissions", "transfers", "swaps", "discharges")
)
ADA: dict[str, Any] = {
    "wardId": "icu",
    "bed": "7",
    "mrn": "Z9",
    "familyName": "Byron",
    "givenName": "Ada",
    "bornOn": "1960-12-10",
}


def lying(patient: Patient, **more: Any) -> dict[str, Any]:
    return {"patientId": str(patient.pk), "from": {"wardId": patient.ward_id, "bed": patient.bed}, **more}


def to(ward: str, bed: str) -> dict[str, Any]:
    return {"to": {"wardId": ward, "bed": bed}}


def put_in_charge(user: User, by: User) -> None:
    Assignment.objects.create(
        user=user, ward_id="icu", kind="home", in_charge=True, granted_by=by, reason="Her turn."
    )


def test_somebody_is_admitted_and_the_ward_hears(cast: Cast, icu: Ward, call: Call) -> None:
    response = call(cast.nurse, ADMISSIONS, ADA)
    assert (response.status_code, response["Cache-Control"]) == (201, "no-store")
    answer = response.json()
    assert (answer["kind"], answer["toWardId"], answer["toBed"], answer["by"]) == (
        "admission",
        "icu",
        "7",
        "nurse.icu",
    )
    name, payload = told("icu")[-1]
    assert (name, payload["row"]["patientId"]) == ("PatientChanged", answer["patientId"])
    assert call(cast.nurse, f"/api/patients/{answer['patientId']}/movements/").json() == [answer]


def test_IN_4_a_move_that_is_sent_again_is_answered_and_not_made_again(
    cast: Cast, patient: Patient, cardio: Ward, call: Call
) -> None:
    for path, body in (
        (ADMISSIONS, ADA),
        (TRANSFERS, lying(patient, **to("icu", "2"))),
        (DISCHARGES, lying(patient, reason="Home.") | {"from": {"wardId": "icu", "bed": "2"}}),
    ):
        key, before = str(uuid.uuid4()), Movement.objects.count()
        answers = [call(cast.nurse, path, body, key=key) for _ in range(3)]
        assert [each.status_code for each in answers] == [201] * 3, answers[0].content
        assert len({each.content for each in answers}) == 1
        assert Movement.objects.count() == before + 1
    # Another user's key, and another move under the same one.
    for user, body in ((cast.doctor, ADA | {"bed": "8"}), (cast.nurse, ADA | {"bed": "8", "mrn": "Z8"})):
        assert call(user, ADMISSIONS, body, key=key).status_code == 409


def test_a_key_that_has_moved_one_patient_moves_no_other(
    cast: Cast, patient: Patient, icu: Ward, call: Call
) -> None:
    """A program whose key stands still must not read that the second patient has left."""
    second, key = admitted(icu, "2"), str(uuid.uuid4())
    assert call(cast.nurse, DISCHARGES, lying(patient, reason=""), key=key).status_code == 201
    assert call(cast.nurse, DISCHARGES, lying(second, reason=""), key=key).status_code == 409
    second.refresh_from_db()
    assert second.bed == "2"
    key = str(uuid.uuid4())
    assert call(cast.nurse, ADMISSIONS, ADA, key=key).status_code == 201
    assert call(cast.nurse, ADMISSIONS, ADA | {"mrn": "Z8", "givenName": "Eve"}, key=key).status_code == 409


def test_a_patient_moves_to_another_ward_and_is_not_found_any_more(
    cast: Cast, patient: Patient, cardio: Ward, call: Call
) -> None:
    assert call(cast.nurse, TRANSFERS, lying(patient, **to("cardio", "3"))).json()["toWardId"] == "cardio"
    assert [event for event, _ in told("icu")][-1] == "PatientLeft"
    assert call(cast.nurse, f"/api/patients/{patient.pk}/").status_code == 404
    assert call(cast.nurse_of_another_ward, f"/api/patients/{patient.pk}/").json()["wardId"] == "cardio"


def test_who_comes_second_is_told_who_was_first(
    cast: Cast, patient: Patient, cardio: Ward, call: Call
) -> None:
    assert call(cast.doctor, TRANSFERS, lying(patient, **to("icu", "2"))).status_code == 201
    response = call(cast.nurse, TRANSFERS, lying(patient, **to("icu", "3")))
    assert response.status_code == 409
    assert "bed 2 meanwhile by doctor.icu" in response.json()["errors"][""]
    taken = call(cast.nurse, ADMISSIONS, ADA | {"bed": "2"})
    assert (taken.status_code, "taken by doctor.icu" in taken.json()["errors"]["bed"]) == (409, True)
    assert Patient.objects.get(pk=patient.pk).bed == "2"


def test_only_the_nurse_in_charge_swaps_beds(cast: Cast, patient: Patient, icu: Ward, call: Call) -> None:
    other = admitted(icu, "2")
    body = lying(patient, withBed="2")
    assert call(cast.nurse, SWAPS, body).status_code == 403
    put_in_charge(cast.nurse, cast.admin)
    assert call(cast.nurse, SWAPS, body).json()["toBed"] == "2"
    assert Patient.objects.get(pk=other.pk).bed == "1"
    assert call(cast.nurse, SWAPS, body | {"withBed": "9"}).status_code == 409


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        (ADMISSIONS, {"bed": ""}),
        (ADMISSIONS, {"bed": "1\n"}),
        (ADMISSIONS, {"bed": "b" * 11}),
        (ADMISSIONS, {"mrn": "A 1"}),
        (ADMISSIONS, {"familyName": ""}),
        (ADMISSIONS, {"familyName": "B\tyron"}),
        (ADMISSIONS, {"givenName": "x" * 101}),
        (ADMISSIONS, {"bornOn": "1960-13-10"}),
        (ADMISSIONS, {"bornOn": "1660-12-10"}),
        (ADMISSIONS, {"bornOn": "2400-12-10"}),
        (ADMISSIONS, {"room": "1"}),
        (TRANSFERS, {}),
        (TRANSFERS, to("nowhere", "1")),
        (TRANSFERS, {"to": "icu"}),
        (DISCHARGES, {"reason": "x" * 201}),
        (DISCHARGES, {"reason": "two\nlines"}),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_moves(
    cast: Cast, patient: Patient, call: Call, path: str, changes: dict[str, Any]
) -> None:
    before = Movement.objects.count()
    response = call(cast.nurse, path, (ADA if path == ADMISSIONS else lying(patient)) | changes)
    assert response.status_code == 400, response.content
    assert response.json()["detail"]
    assert Movement.objects.count() == before


def test_a_move_needs_a_key(cast: Cast, icu: Ward, call: Call) -> None:
    assert call(cast.nurse, ADMISSIONS, ADA, key=None).status_code == 400
    assert call(cast.nurse, ADMISSIONS, ADA, key="again").status_code == 400
    assert not Patient.objects.exists()


def test_pharmacists_and_admins_move_nobody(cast: Cast, patient: Patient, call: Call) -> None:
    for user in (cast.pharmacist, cast.admin, cast.visitor):
        for path in (ADMISSIONS, TRANSFERS, SWAPS, DISCHARGES):
            assert call(user, path, {}).status_code == 403
