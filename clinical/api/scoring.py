"""Decisions about the score over HTTP: scale 2, and who is not scored."""

from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.openapi import operation
from clinical.api.patients import decision_view
from clinical.api.shapes import DecisionView, NewDecision
from clinical.api.view import ClinicalView, OfRoles, answer
from clinical.services import scoring_decisions


class IsDecider(OfRoles):
    roles = scoring_decisions.DECIDERS


class Decisions(ClinicalView):
    """`POST {patientId, kind, reason, until}`: from now on; no set that was recorded before changes."""

    permission_classes = [IsDecider]

    @operation(
        "decide_scoring",
        DecisionView,
        *(400, 401, 403, 404, 409, 413, 415),
        status=201,
        takes=NewDecision,
        example={
            "patientId": "2f1c7d0e-5b8a-4c7e-9c39-0d4f6f0a1b2c",
            "kind": "spo2-scale-2",
            "reason": "Hypercapnia, confirmed by blood gas.",
        },
    )
    def post(self, request: Request) -> Response:
        body = self.body(NewDecision)
        made = scoring_decisions.decide(self.user, body.patient_id, body.kind, body.reason, body.until)
        return answer(decision_view(made, timezone.now()), 201)


class DecisionEnd(ClinicalView):
    """`POST`: a decision is revoked; it stays on record. Who comes second is told who was first."""

    permission_classes = [IsDecider]

    @operation("revoke_scoring_decision", DecisionView, 401, 403, 404, 409)
    def post(self, request: Request, decision_id: UUID) -> Response:
        ended = scoring_decisions.revoke(self.user, decision_id)
        return answer(decision_view(ended, timezone.now()))
