"""Medication orders over HTTP: drafts, as on the board."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.openapi import operation
from clinical.api.shapes import NewOrder
from clinical.api.view import KEY, ClinicalView, OfRoles, answer
from clinical.events import OrderSummary
from clinical.services import orders


class IsPrescriber(OfRoles):
    roles = orders.PRESCRIBERS


class Orders(ClinicalView):
    """`POST {patientId, drugName}`: starts a draft of a catalogue drug, once however often it is sent."""

    permission_classes = [IsPrescriber]

    @operation(
        "draft_order",
        OrderSummary,
        *(400, 401, 403, 404, 409, 413, 415),
        status=201,
        takes=NewOrder,
        parameters=[KEY],
        example={"patientId": "2f1c7d0e-5b8a-4c7e-9c39-0d4f6f0a1b2c", "drugName": "Paracetamol"},
    )
    def post(self, request: Request) -> Response:
        key, body = self.needed_key(), self.body(NewOrder)
        return answer(orders.draft(self.user, body.patient_id, body.drug_name, key), 201)
