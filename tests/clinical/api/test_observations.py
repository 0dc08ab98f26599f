"""Observations by gateways: one set a key, and a clear answer to everything that is no set."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from clinical.models import ObservationSet, Patient
from tests.cast import Cast, token_of
from tests.clinical.conftest import told
from tests.clinical.services.test_observations import last_set

pytestmark = pytest.mark.urls("clinical.api.urls")

OBSERVATIONS = "/api/observations/"
NORMAL = {
    "respiration": 18,
    "spo2": 97,
    "onOxygen": False,
    "systolic": 125,
    "pulse": 80,
    "consciousness": "A",
    "temperature": 38.05,
}


def post(user: User, body: Any, path: str = OBSERVATIONS, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    authorization = {"Authorization": f"Bearer {token_of(user)}"}
    return Client().post(path, content, content_type="application/json", headers=authorization | named)


def of(patient: Patient, **changes: Any) -> dict[str, Any]:
    return NORMAL | {"patientId": str(patient.pk)} | changes


def test_a_set_is_recorded_and_the_ward_hears(cast: Cast, patient: Patient) -> None:
    measured_at = (timezone.now() - timedelta(minutes=5)).isoformat()
    response = post(cast.nurse, of(patient, measuredAt=measured_at))
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    answer = response.json()
    assert (answer["score"]["total"], answer["temperature"]) == (1, 38.1)
    assert last_set()[1]["observation"]["setId"] == answer["setId"]
    assert str(ObservationSet.objects.get().temperature) == "38.05"


def test_IN_4_a_request_that_is_sent_again_is_answered_and_not_recorded(cast: Cast, patient: Patient) -> None:
    key = str(uuid.uuid4())
    first = post(cast.nurse, of(patient), Idempotency_Key=key)
    again = [post(cast.nurse, of(patient), Idempotency_Key=key), post(cast.nurse, of(patient, key=key))]
    assert {each.status_code for each in [first, *again]} == {201}
    assert {each.content for each in [first, *again]} == {first.content}
    earlier = (timezone.now() - timedelta(hours=2)).isoformat()
    for changes in ({"pulse": 81}, {"measuredAt": earlier}, {"missingReason": "refused"}):
        changed = post(cast.nurse, of(patient, **changes), Idempotency_Key=key)
        assert (changed.status_code, "another set" in changed.json()["detail"]) == (409, True)
    assert ObservationSet.objects.count() == 1


def test_a_set_is_corrected(cast: Cast, patient: Patient) -> None:
    first = post(cast.nurse, of(patient)).json()["setId"]
    path = f"{OBSERVATIONS}{first}/corrections/"
    response = post(cast.doctor, NORMAL | {"pulse": 95, "reason": "Misread"}, path)
    assert response.status_code == 201
    assert (response.json()["version"], response.json()["correction"]["setId"]) == (2, first)
    assert post(cast.nurse, NORMAL | {"reason": "Misread"}, path).status_code == 409
    assert post(cast.nurse, NORMAL | {"reason": ""}, path).status_code == 409
    second = f"{OBSERVATIONS}{response.json()['setId']}/corrections/"
    assert post(cast.nurse, NORMAL | {"reason": ""}, second).json()["errors"] == {
        "reason": "is needed, on one line of at most 200 characters."
    }


def test_a_set_is_withdrawn(cast: Cast, patient: Patient) -> None:
    path = f"{OBSERVATIONS}{post(cast.nurse, of(patient)).json()['setId']}/corrections/"
    withdrawn = {"reason": "Another patient", "withdrawn": True}
    assert post(cast.nurse, NORMAL | withdrawn, path).status_code == 400
    response = post(cast.nurse, withdrawn, path)
    assert (response.status_code, response.json()["version"], response.json()["pulse"]) == (201, 2, None)
    assert "observation" not in told("icu")[-1][1]["row"] or told("icu")[-1][1]["row"]["observation"] is None


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"pulse": 351}, {"pulse": "must be between 0 and 350."}),
        (
            {"temperature": 98.6},
            {"temperature": "must be between 20 and 45 degrees Celsius, and looks like Fahrenheit."},
        ),
        ({"measuredAt": "2400-01-01T00:00:00Z"}, {"measuredAt": "must not be in the future."}),
        ({"measuredAt": "2026-11-24T10:00:00"}, {"measuredAt": "needs a time zone."}),
        (dict.fromkeys(NORMAL), {"": "Give at least one measurement."}),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    cast: Cast, patient: Patient, changes: dict[str, Any], errors: dict[str, str]
) -> None:
    response = post(cast.nurse, of(patient, **changes))
    assert (response.status_code, response.json()["errors"]) == (400, errors)
    assert not ObservationSet.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"{}",
        b'{"patientId": "1"}',
        b"\xff\xfe",
        b"[" * 10_000,
        b'{"pulse": ' + b"9" * 5_000 + b"}",
        b'{"pulse": NaN}',
    ],
)
def test_what_is_no_set_is_refused(cast: Cast, patient: Patient, body: bytes) -> None:
    response = post(cast.nurse, body)
    assert response.status_code == 400
    assert response.json()["detail"]


@pytest.mark.parametrize(
    "changes",
    [
        {"pulse": "80"},
        {"pulse": 80.5},
        {"pulse": True},
        {"consciousness": "X"},
        {"missingReason": "lazy"},
        {"key": "1"},
        {"temperature": [37]},
        # A value under another name or in another unit must not silently be missing.
        {"temperatureF": 98.6},
        {"heartRate": 80},
        {"spo2Scale": 2},
    ],
)
def test_a_member_that_is_wrong_or_unknown_is_refused(
    cast: Cast, patient: Patient, changes: dict[str, Any]
) -> None:
    response = post(cast.nurse, of(patient, **changes))
    assert response.status_code == 400
    assert not ObservationSet.objects.exists()


def test_a_key_that_is_none_is_refused(cast: Cast, patient: Patient) -> None:
    response = post(cast.nurse, of(patient), Idempotency_Key="again")
    assert (response.status_code, response.json()["detail"]) == (400, "Idempotency-Key must be a UUID.")


def test_ten_megabytes_are_refused_in_words(cast: Cast, patient: Patient) -> None:
    response = post(cast.nurse, b'{"reason": "' + b"x" * 10_000_000 + b'"}')
    assert (response.status_code, response.json()) == (
        413,
        {"detail": "The body is larger than 65536 bytes."},
    )


@pytest.mark.parametrize(
    "text",
    [r'{"reason": "\u0000"}', r'{"reason": "\ud800"}', r'{"\ud800": 1}', r'{"pulse": [{"a": "\udfff"}]}'],
)
def test_characters_that_nothing_can_keep_are_refused(cast: Cast, patient: Patient, text: str) -> None:
    response = post(cast.nurse, text.encode(), f"{OBSERVATIONS}{uuid.uuid4()}/corrections/")
    assert (response.status_code, response.json()) == (
        400,
        {"detail": "The body has characters that no text can have."},
    )


def test_only_doctors_and_nurses_record(cast: Cast, patient: Patient) -> None:
    for user in (cast.pharmacist, cast.admin, cast.visitor):
        assert post(user, of(patient)).status_code == 403
    client = Client()
    client.force_login(cast.nurse)
    assert client.post(OBSERVATIONS, of(patient), content_type="application/json").status_code == 401


def test_what_is_somebody_elses_looks_like_what_does_not_exist(
    cast: Cast, patient: Patient, patient_elsewhere: Patient
) -> None:
    theirs = post(cast.nurse_of_another_ward, of(patient_elsewhere)).json()["setId"]
    correction = NORMAL | {"reason": "Misread"}
    answers = [
        post(cast.nurse, of(patient_elsewhere)),
        post(cast.nurse, of(patient, patientId=str(uuid.uuid4()))),
        post(cast.nurse, correction, f"{OBSERVATIONS}{theirs}/corrections/"),
        post(cast.nurse, correction, f"{OBSERVATIONS}{uuid.uuid4()}/corrections/"),
    ]
    assert {(each.status_code, each.json()["detail"]) for each in answers} == {
        (404, "Not found, or not available to you.")
    }
