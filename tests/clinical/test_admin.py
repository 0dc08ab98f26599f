"""What admins do in the admin site, and what the boards hear of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from accounts.models import User
from clinical.admin import PatientForm
from clinical.admin_access import ClinicalRowsAdmin
from clinical.models import AccessRecord, Assignment, Drug, Movement, Patient, Ward
from clinical.services import access_records, patients
from hubs.models import Feed, FeedEvent
from tests.cast import Cast
from tests.clinical.conftest import admitted, told

PATIENTS = "/admin/clinical/patient/"


def clearance() -> Permission:
    return Permission.objects.get(codename="see_clinical_rows", content_type__app_label="clinical")


@pytest.fixture
def site(cast: Cast) -> Client:
    cast.admin.is_staff = cast.admin.is_superuser = True
    cast.admin.save()
    cast.admin.user_permissions.add(clearance())
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


def test_the_administration_bears_the_name_of_the_product(site: Client) -> None:
    page = site.get("/admin/").content.decode()
    assert "Wardline</title>" in page.replace("\n", "")
    assert "Django" not in page


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


# What the hospital's office works with; everything else in the app is about patients.
NOT_CLINICAL = {Ward, Drug, Assignment, AccessRecord}
CLINICAL = [
    model
    for model in admin.site._registry  # the site has no other list
    if model._meta.app_label == "clinical" and model not in NOT_CLINICAL
]


def test_every_model_about_patients_asks_for_the_permission_and_events_are_not_shown_at_all() -> None:
    unguarded = [
        model for model in CLINICAL if not isinstance(admin.site.get_model_admin(model), ClinicalRowsAdmin)
    ]
    assert unguarded == []
    assert {Patient, Movement} <= set(CLINICAL)
    assert not admin.site.is_registered(FeedEvent)
    assert not admin.site.is_registered(Feed)


@pytest.mark.parametrize("model", CLINICAL, ids=lambda model: model.__name__)
def test_who_runs_the_system_sees_no_rows_about_patients(cast: Cast, patient: Patient, model: Any) -> None:
    """Neither a superuser nor somebody who has every permission of Django's own for that model."""
    folder = f"/admin/clinical/{model._meta.model_name}/"
    row = model.objects.order_by("pk").first()
    paths = [folder, f"{folder}add/"]
    paths += [f"{folder}{row.pk}/{page}/" for page in ("change", "delete", "history")] if row else []
    cast.admin.is_staff = cast.admin.is_superuser = True
    cast.admin.save()
    clerk = User.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(
        Permission.objects.filter(content_type__app_label="clinical").exclude(codename="see_clinical_rows")
    )
    for user in (cast.admin, clerk):
        client = Client()
        client.force_login(user)
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 403, path
            assert "BYRON" not in answer.content.decode()
        assert folder not in client.get("/admin/").content.decode()
        assert "BYRON" not in client.get("/admin/clinical/ward/").content.decode()
        assert client.get("/admin/clinical/ward/icu/delete/").status_code == 403
    group = Group.objects.create(name="records office")
    group.permissions.add(clearance())
    clerk.groups.add(group)
    client = Client()
    client.force_login(clerk)
    assert client.get(folder).status_code == 200


def assignment_fields(cast: Cast, **changes: str) -> dict[str, str]:
    now = timezone.localtime()
    given = {"user": str(cast.nurse_of_another_ward.pk), "ward": "icu", "kind": "shift", "reason": "sickness"}
    for name, moment in (("begins_at", now), ("ends_at", now + timedelta(hours=8))):
        given |= {f"{name}_0": f"{moment:%Y-%m-%d}", f"{name}_1": f"{moment:%H:%M:%S}"}
    return given | changes


ASSIGNMENTS = "/admin/clinical/assignment/"


def test_assignments_are_made_shortened_and_ended_in_the_site(site: Client, cast: Cast, icu: Ward) -> None:
    assert site.post(f"{ASSIGNMENTS}add/", assignment_fields(cast)).status_code == 302
    given = Assignment.objects.get()
    assert given.granted_by == cast.admin
    end = timezone.localtime() + timedelta(hours=2)
    fields = {"ends_at_0": f"{end:%Y-%m-%d}", "ends_at_1": f"{end:%H:%M:%S}"}
    assert site.post(f"{ASSIGNMENTS}{given.pk}/change/", fields).status_code == 302
    given.refresh_from_db()
    assert given.ends_at == end.replace(microsecond=0)
    answer = site.post(f"{ASSIGNMENTS}{given.pk}/change/", {"ends_at_0": "2020-01-01", "ends_at_1": "10:00"})
    assert [str(each) for each in get_messages(answer.wsgi_request)][-1].startswith("Must be in the future")
    site.post(ASSIGNMENTS, {"action": "end_assignments", "_selected_action": [str(given.pk)]})
    given.refresh_from_db()
    assert given.revoked_by == cast.admin
    assert site.post(f"{ASSIGNMENTS}{given.pk}/delete/", {"post": "yes"}).status_code == 403


def test_what_cannot_be_assigned_is_told_on_the_form(site: Client, cast: Cast, icu: Ward) -> None:
    cases = {
        "Nobody assigns themselves.": {"user": str(cast.admin.pk)},
        "Only doctors, nurses and pharmacists": {"user": str(cast.visitor.pk)},
        "Must be in the future.": {"ends_at_0": "2020-01-01"},
        "This field is required.": {"reason": ""},
    }
    for error, changes in cases.items():
        answer = site.post(f"{ASSIGNMENTS}add/", assignment_fields(cast, **changes))
        assert error in answer.content.decode()
    cast.admin.role = "Visitor"
    cast.admin.save()
    answer = site.post(f"{ASSIGNMENTS}add/", assignment_fields(cast))
    assert "matching department" in answer.content.decode()
    assert not Assignment.objects.exists()


def test_access_records_are_read_and_not_written(site: Client, cast: Cast, icu: Ward) -> None:
    access_records.open_ward(cast.admin, "icu", AccessRecord.Door.HUB, "connection-1")
    folder, record = "/admin/clinical/accessrecord/", AccessRecord.objects.get()
    assert "connection-1" in site.get(folder).content.decode()
    assert site.get(f"{folder}{record.pk}/change/").status_code == 200
    for path in ("add/", f"{record.pk}/change/", f"{record.pk}/delete/"):
        assert site.post(f"{folder}{path}", {"post": "yes"}).status_code == 403
