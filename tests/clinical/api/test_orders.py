"""Draft orders over HTTP: one for each key."""

import uuid

from clinical.models import Drug, MedicationOrder, Patient
from tests.cast import Cast
from tests.clinical.api.conftest import Call
from tests.clinical.conftest import told

ORDERS = "/api/orders/"


def test_IN_4_a_draft_that_is_sent_again_is_one_order(
    cast: Cast, patient: Patient, drug: Drug, call: Call
) -> None:
    key, body = str(uuid.uuid4()), {"patientId": str(patient.pk), "drugName": "paracetamol"}
    answers = [call(cast.doctor, ORDERS, body, key=key) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert {each.content for each in answers} == {answers[0].content}
    assert answers[0].json()["orderId"] == key
    assert [name for name, _ in told("icu")].count("OrderDrafted") == 1
    Drug.objects.create(name="Ibuprofen")
    assert call(cast.doctor, ORDERS, body | {"drugName": "Ibuprofen"}, key=key).status_code == 409
    assert MedicationOrder.objects.count() == 1


def test_what_is_no_order_is_refused(cast: Cast, patient: Patient, drug: Drug, call: Call) -> None:
    body = {"patientId": str(patient.pk), "drugName": "Paracetamol"}
    assert call(cast.doctor, ORDERS, body | {"drugName": "Unicorn"}).status_code == 400
    assert call(cast.doctor, ORDERS, body, key=None).status_code == 400
    assert call(cast.nurse, ORDERS, body).status_code == 403
    assert call(cast.doctor_of_another_ward, ORDERS, body).status_code == 404
    assert not MedicationOrder.objects.exists()
