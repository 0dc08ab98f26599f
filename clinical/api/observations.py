"""Observations over HTTP, also for gateways."""

from typing import TypeVar
from uuid import UUID

import msgspec
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.openapi import operation
from clinical.api.shapes import NewSet, NewVersion
from clinical.api.view import OPTIONAL_KEY, ClinicalView, OfRoles, answer
from clinical.events import ObservationSummary
from clinical.services import corrections, observations
from clinical.services.observation_input import MEASUREMENTS

REFUSALS = (400, 401, 403, 404, 409, 413, 415)
EXAMPLE = {
    "patientId": "2f1c7d0e-5b8a-4c7e-9c39-0d4f6f0a1b2c",
    "respiration": 18,
    "spo2": 97,
    "onOxygen": False,
    "systolic": 125,
    "pulse": 80,
    "consciousness": "A",
    "temperature": 37.2,
    "measuredAt": "2026-11-25T07:30:00+01:00",
}

Shape = TypeVar("Shape", NewSet, NewVersion)


class IsRecorder(OfRoles):
    roles = observations.RECORDERS


class ObservationView(ClinicalView):
    """What they share: the key, which may stand in the header or in the body."""

    permission_classes = [IsRecorder]

    def given(self, shape: type[Shape]) -> Shape:
        body, key = self.body(shape), self.key()
        return body if key is None else msgspec.structs.replace(body, key=key)


class Observations(ObservationView):
    """`POST {patientId, respiration, ..., measuredAt}` records a set; what was not measured is left out.

    Respiration a minute, SpO2 in %, pressures in mmHg, temperature in degrees Celsius. A repeated request is
    answered with the set of the first one, 201 too: a gateway whose answer was lost reads what it had missed.
    """

    @operation(
        "record_observation",
        ObservationSummary,
        *REFUSALS,
        status=201,
        takes=NewSet,
        parameters=[OPTIONAL_KEY],
        example=EXAMPLE,
    )
    def post(self, request: Request) -> Response:
        body = self.given(NewSet)
        return answer(observations.record(self.user, body.patient_id, body), 201)


class Corrections(ObservationView):
    """`POST {reason, respiration, ...}` records a new version of the set; the old one stays.

    With `withdrawn` and no measurement the set was never measured of this patient, and counts for nothing.
    """

    @operation(
        "correct_observation",
        ObservationSummary,
        *REFUSALS,
        status=201,
        takes=NewVersion,
        parameters=[OPTIONAL_KEY],
        example={"reason": "Misread.", "pulse": 95, "spo2": 97},
    )
    def post(self, request: Request, set_id: UUID) -> Response:
        body = self.given(NewVersion)
        if not body.withdrawn:
            return answer(corrections.correct(self.user, set_id, body, body.reason), 201)
        if any(getattr(body, name) is not None for name in MEASUREMENTS):
            raise ParseError("A set that is withdrawn has no measurements.")
        return answer(corrections.withdraw(self.user, set_id, body.reason, body.key), 201)
