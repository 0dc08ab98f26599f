"""What admins do in the admin site, and what the boards hear of it."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from clinical.admin import PatientForm
from clinical.models import Drug, Patient, Ward
from clinical.services import patients
from tests.cast import Cast
from tests.clinical.conftest import admitted, told

PATIENTS = "/admin/clinical/patient/"


@pytest.fixture
def site(cast: Cast) -> Client:
    cast.admin.is_staff = cast.admin.is_superuser = True
    cast.admin.save()
    client = Client()
    client.force_login(cast.admin)
    return client


def page_of(site: Client, patient: Patient) -> dict[str, Any]:
    """The change page's fields as the browser would send them back untouched."""
    form = site.get(f"{PATIENTS}{patient.pk}/change/").context["adminform"].form
    fields: dict[str, Any] = {}
    for bound in form:
        value = form.get_initial_for_field(bound.field, bound.name)
        shown = "" if value is None else value
        fields |= {bound.html_name: shown, bound.html_initial_name: shown}
    return fields


def save(site: Client, patient: Patient, fields: dict[str, Any]) -> Any:
    return site.post(f"{PATIENTS}{patient.pk}/change/", fields)


NEW = {"mrn": "N1", "family_name": "King", "given_name": "Ada", "born_on": "1960-12-10"}


def test_admitting_is_told_to_the_ward(site: Client, icu: Ward) -> None:
    assert site.post(f"{PATIENTS}add/", NEW | {"ward": "icu", "bed": "4"}).status_code == 302
    [(name, payload)] = told("icu")
    assert (name, payload["row"]["bed"], payload["row"]["name"]) == ("PatientChanged", "4", "KING, Ada")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"bed": "1"}, "This bed is taken."),
        ({"mrn": "A1"}, "already exists"),
        ({"bed": ""}, "A ward needs a bed"),
        ({"born_on": "2400-01-01"}, "in the last 130 years"),
        ({"bed": "1\x00"}, "Null characters"),
    ],
)
def test_what_cannot_be_is_told_on_the_form(
    site: Client, patient: Patient, changes: dict[str, str], error: str
) -> None:
    response = site.post(f"{PATIENTS}add/", NEW | {"ward": "icu", "bed": "4"} | changes)
    assert response.status_code == 200
    assert error in response.content.decode()
    assert Patient.objects.count() == 1


def test_moving_is_told_to_both_wards(site: Client, patient: Patient, cardio: Ward) -> None:
    response = save(site, patient, page_of(site, patient) | {"ward": "cardio", "bed": "9"})
    assert response.status_code == 302
    assert told("icu")[-1][0] == "PatientLeft"
    assert told("cardio")[-1][1]["row"]["bed"] == "9"


def test_a_page_left_open_moves_nobody_back(site: Client, patient: Patient, cardio: Ward) -> None:
    opened_before = page_of(site, patient)
    patients.move(patient.pk, cardio, "9")
    assert save(site, patient, opened_before | {"given_name": "Augusta"}).status_code == 302
    patient.refresh_from_db()
    assert (patient.given_name, patient.ward_id, patient.bed) == ("Augusta", "cardio", "9")


def test_a_bed_taken_while_the_form_was_checked_is_told(
    site: Client, patient: Patient, icu: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = PatientForm.is_valid

    def check_then_lose_the_bed(form: PatientForm) -> bool:
        valid = checked(form)
        admitted(icu, "2")
        return valid

    fields = page_of(site, patient) | {"bed": "2"}
    monkeypatch.setattr(PatientForm, "is_valid", check_then_lose_the_bed)
    response = save(site, patient, fields)
    assert response.status_code == 302
    assert [str(message) for message in get_messages(response.wsgi_request)] == ["This bed is taken."]
    patient.refresh_from_db()
    assert patient.bed == "1"


def test_discharging_is_told(site: Client, patient: Patient) -> None:
    site.post(PATIENTS, {"action": "discharge", "_selected_action": [str(patient.pk)]})
    assert told("icu")[-1][0] == "PatientLeft"


def test_patients_are_never_deleted(site: Client, patient: Patient) -> None:
    assert site.post(f"{PATIENTS}{patient.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Patient.objects.filter(pk=patient.pk).exists()


def test_lists_search_and_filter(site: Client, patient: Patient, patient_elsewhere: Patient) -> None:
    page = site.get(PATIENTS, {"q": "B1"}).content.decode()
    assert str(patient_elsewhere.pk) in page
    assert str(patient.pk) not in page
    assert str(patient.pk) in site.get(PATIENTS, {"ward__id__exact": "icu"}).content.decode()


def test_a_ward_keeps_its_slug(site: Client, icu: Ward) -> None:
    site.post("/admin/clinical/ward/icu/change/", {"id": "other", "name": "Critical Care"})
    assert [(ward.pk, ward.name) for ward in Ward.objects.all()] == [("icu", "Critical Care")]
    assert site.post("/admin/clinical/ward/add/", {"id": "ent", "name": "ENT"}).status_code == 302
    assert Ward.objects.count() == 2


def test_the_catalogue_has_each_drug_once(site: Client, drug: Drug) -> None:
    assert site.post("/admin/clinical/drug/add/", {"name": "Ibuprofen"}).status_code == 302
    again = site.post("/admin/clinical/drug/add/", {"name": "PARACETAMOL"})
    assert "The catalogue has a drug of this name." in again.content.decode()


def test_clinical_staff_have_no_admin_site(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.doctor)
    assert client.get(PATIENTS).status_code == 302
