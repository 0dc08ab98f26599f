"""The patient list: by the header's token only, and only what its user may see."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from clinical.models import Patient, Ward
from clinical.services import patients
from tests.cast import Cast, token_of
from tests.clinical.conftest import admitted

pytestmark = pytest.mark.urls("clinical.api.urls")

PATIENTS = "/api/patients/"


def get(user: User, **extra: Any) -> Any:
    return Client().get(PATIENTS, headers={"Authorization": f"Bearer {token_of(user)}"}, **extra)


def test_staff_see_their_ward(cast: Cast, patient: Patient, patient_elsewhere: Patient) -> None:
    for user in (cast.nurse, cast.doctor, cast.pharmacist):
        response = get(user)
        assert response.status_code == 200
        assert response.json() == [
            {
                "patientId": str(patient.pk),
                "mrn": "A1",
                "name": "BYRON, Ada",
                "bornOn": "1960-12-10",
                "wardId": "icu",
                "bed": "1",
                "version": 1,
            }
        ]
    assert [each["mrn"] for each in get(cast.nurse_of_another_ward).json()] == ["B1"]


def test_an_admin_sees_every_ward_in_bed_order(cast: Cast, icu: Ward, cardio: Ward) -> None:
    for ward, bed in ((icu, "10"), (icu, "2"), (cardio, "1")):
        admitted(ward, bed)
    seen = [(each["wardId"], each["bed"]) for each in get(cast.admin).json()]
    assert seen == [("cardio", "1"), ("icu", "2"), ("icu", "10")]


def test_the_discharged_are_not_listed(cast: Cast, patient: Patient) -> None:
    patients.discharge(patient.pk)
    assert get(cast.admin).json() == []


def test_staff_without_a_department_see_nobody(cast: Cast, patient: Patient) -> None:
    User.objects.filter(pk=cast.nurse.pk).update(department="")
    assert get(cast.nurse).json() == []


def test_a_visitor_is_forbidden(cast: Cast, patient: Patient) -> None:
    assert get(cast.visitor).status_code == 403


def test_without_a_token_nobody_is_told_anything(cast: Cast, patient: Patient) -> None:
    response = Client().get(PATIENTS)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_login_session_does_not_count(cast: Cast, patient: Patient) -> None:
    client = Client()
    client.force_login(cast.nurse)
    assert client.get(PATIENTS).status_code == 401


def test_a_token_in_the_query_does_not_count(cast: Cast, patient: Patient) -> None:
    token = token_of(cast.nurse)
    assert Client().get(PATIENTS, {"access_token": token}).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "A" * 10_240, "\xe9", "\x00"])
def test_a_bad_token_is_unauthenticated(cast: Cast, token: str) -> None:
    response = Client().get(PATIENTS, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401


def test_the_token_decides_also_beside_somebody_elses_session(cast: Cast, patient: Patient) -> None:
    """The identity confusion of shared PCs."""
    client = Client()
    client.force_login(cast.admin)
    headers = {"Authorization": f"Bearer {token_of(cast.nurse_of_another_ward)}"}
    assert client.get(PATIENTS, headers=headers).json() == []
    assert client.get(PATIENTS, headers={"Authorization": "Bearer x.y.z"}).status_code == 401


def test_nothing_can_be_written_here(cast: Cast) -> None:
    headers = {"Authorization": f"Bearer {token_of(cast.doctor)}"}
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert Client().generic(method, PATIENTS, headers=headers).status_code == 405


def test_patient_data_stay_out_of_caches(cast: Cast, patient: Patient) -> None:
    assert get(cast.nurse)["Cache-Control"] == "no-store"


def test_the_list_costs_two_queries_whatever_its_length(
    cast: Cast, icu: Ward, django_assert_num_queries: Any
) -> None:
    for bed in range(12):
        admitted(icu, str(bed))
    with django_assert_num_queries(2):
        assert len(get(cast.nurse).json()) == 12
