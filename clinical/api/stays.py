"""Comings and goings over HTTP: admit, transfer, swap, discharge; each by a key, so that it happens once."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role
from accounts.openapi import operation
from clinical.api import shapes
from clinical.api.patients import movement_view
from clinical.api.shapes import MovementView
from clinical.api.view import KEY, ClinicalView, OfRoles, answer
from clinical.models import Movement
from clinical.services import stays
from clinical.services.stays import Person, Place

REFUSALS = (400, 401, 403, 404, 409, 413, 415)
HERE = {"wardId": "icu", "bed": "4"}
EXAMPLE = {"patientId": "2f1c7d0e-5b8a-4c7e-9c39-0d4f6f0a1b2c", "from": HERE}


class IsMover(OfRoles):
    roles = stays.MOVERS


class MayBeInCharge(OfRoles):
    """Nurses; whether of this ward, the service asks."""

    roles = (Role.NURSE,)


class StayView(ClinicalView):
    """What they share: the answer is the move as it was made, also when it is sent again."""

    permission_classes = [IsMover]

    def made(self, key: UUID) -> Response:
        return answer(movement_view(Movement.objects.select_related("by").get(pk=key)), 201)


class Admissions(StayView):
    """`POST {wardId, bed, mrn, familyName, givenName, bornOn}`: somebody comes to a ward of the user's."""

    @operation(
        "admit_patient",
        MovementView,
        *REFUSALS,
        status=201,
        takes=shapes.Admission,
        parameters=[KEY],
        example=HERE | {"mrn": "A1", "familyName": "Byron", "givenName": "Ada", "bornOn": "1960-12-10"},
    )
    def post(self, request: Request) -> Response:
        key, body = self.needed_key(), self.body(shapes.Admission)
        person = Person(body.mrn, body.given_name, body.family_name, body.born_on)
        stays.admit(self.user, Place(body.ward_id, body.bed), person, key)
        return self.made(key)


class Transfers(StayView):
    """`POST {patientId, from, to}`: to another bed, also of a ward that the user may not see."""

    @operation(
        "transfer_patient",
        MovementView,
        *REFUSALS,
        status=201,
        takes=shapes.Transfer,
        parameters=[KEY],
        example=EXAMPLE | {"to": {"wardId": "cardio", "bed": "2"}},
    )
    def post(self, request: Request) -> Response:
        key, body = self.needed_key(), self.body(shapes.Transfer)
        stays.transfer(self.user, body.patient_id, _place(body.seen), _place(body.to), key)
        return self.made(key)


class Swaps(StayView):
    """`POST {patientId, from, withBed}`: two patients of a ward change beds; for its nurse in charge."""

    permission_classes = [MayBeInCharge]

    @operation(
        "swap_beds",
        MovementView,
        *REFUSALS,
        status=201,
        takes=shapes.Swap,
        parameters=[KEY],
        example=EXAMPLE | {"withBed": "7"},
    )
    def post(self, request: Request) -> Response:
        key, body = self.needed_key(), self.body(shapes.Swap)
        stays.swap(self.user, body.patient_id, _place(body.seen), body.with_bed, key)
        return self.made(key)


class Discharges(StayView):
    """`POST {patientId, from, reason}`: the stay ends, and the bed is free."""

    @operation(
        "discharge_patient",
        MovementView,
        *REFUSALS,
        status=201,
        takes=shapes.Discharge,
        parameters=[KEY],
        example=EXAMPLE | {"reason": "Home."},
    )
    def post(self, request: Request) -> Response:
        key, body = self.needed_key(), self.body(shapes.Discharge)
        stays.discharge(self.user, body.patient_id, _place(body.seen), body.reason, key)
        return self.made(key)


def _place(given: shapes.Place) -> Place:
    return Place(given.ward_id, given.bed)
