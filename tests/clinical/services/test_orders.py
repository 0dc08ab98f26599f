"""Starting an order: who, for whom, of what, and who hears of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinical import access
from clinical.models import Drug, MedicationOrder, Patient
from clinical.services import orders, patients
from clinical.services.orders import UnknownDrug, draft
from tests.cast import Cast
from tests.clinical.conftest import told


def test_a_doctor_starts_a_draft(cast: Cast, patient: Patient, drug: Drug) -> None:
    answer = draft(cast.doctor, patient.pk, "Paracetamol")
    order = MedicationOrder.objects.get(pk=answer.order_id)
    assert (order.patient, order.drug, order.drafted_by, order.state) == (patient, drug, cast.doctor, "draft")


def test_a_draft_shows_though_the_clock_is_behind_that_of_the_admission(
    cast: Cast, patient: Patient, drug: Drug
) -> None:
    Patient.objects.update(admitted_at=timezone.now() + timedelta(minutes=2))
    answer = draft(cast.doctor, patient.pk, "Paracetamol")
    assert [order.pk for order in orders.drafts_of([patient.pk])[patient.pk]] == [answer.order_id]


def test_the_ward_hears_of_the_draft(cast: Cast, patient: Patient, drug: Drug) -> None:
    answer = draft(cast.doctor, patient.pk, "Paracetamol")
    name, payload = told("icu")[-1]
    assert name == "OrderDrafted"
    assert payload["patientId"] == str(patient.pk)
    assert payload["version"] == patient.version + 1
    order = payload["order"]
    assert set(order) == {"orderId", "drugName", "draftedBy", "draftedAt"}
    assert (order["orderId"], order["drugName"], order["draftedBy"]) == (
        str(answer.order_id),
        "Paracetamol",
        "doctor.icu",
    )


def test_only_doctors_of_the_ward_order(cast: Cast, patient: Patient, drug: Drug) -> None:
    for user in (cast.nurse, cast.pharmacist, cast.admin, cast.visitor):
        with pytest.raises(access.Forbidden, match="role"):
            draft(user, patient.pk, "Paracetamol")
    with pytest.raises(access.Forbidden, match=r"^Not found, or not available to you\.$"):
        draft(cast.doctor_of_another_ward, patient.pk, "Paracetamol")
    assert not MedicationOrder.objects.exists()


@pytest.mark.parametrize(
    "name", ["", "Paracetamo", "Paracetamol 500", "%", "Para\x00", "\ud800", "x" * 10_000]
)
def test_what_is_not_in_the_catalogue_cannot_be_ordered(
    cast: Cast, patient: Patient, drug: Drug, name: str
) -> None:
    before = told("icu")
    with pytest.raises(UnknownDrug, match=r"^This drug is not in the catalogue\.$"):
        draft(cast.doctor, patient.pk, name)
    assert told("icu") == before


def test_a_name_is_found_without_regard_to_case(cast: Cast, patient: Patient, drug: Drug) -> None:
    assert draft(cast.doctor, patient.pk, " PARACETAMOL ").drug_name == "Paracetamol"


def test_drafts_of_an_earlier_stay_are_not_shown(cast: Cast, patient: Patient, drug: Drug) -> None:
    ward = patient.ward
    assert ward is not None
    draft(cast.doctor, patient.pk, "Paracetamol")
    assert len(orders.drafts_of([patient.pk])[patient.pk]) == 1
    patients.discharge(patient.pk)
    patients.move(patient.pk, ward, "2")
    assert orders.drafts_of([patient.pk]) == {}
