"""The clinical record over HTTP, for programs that show a bearer token."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import BearerAuthentication
from accounts.models import User
from accounts.permissions import IsClinicalStaff
from clinical import access
from clinical.models import AccessRecord, Patient
from clinical.services import access_records
from clinical.services.board import bed_order


class PatientList(APIView):
    """`GET`: the admitted patients whom the user may see, by ward and bed.

    Not in pages: beds bound the list, and a page of it would look like the whole.
    """

    authentication_classes = [BearerAuthentication]
    permission_classes = [IsClinicalStaff]

    def get(self, request: Request) -> Response:
        assert isinstance(request.user, User)
        access_records.note(request.user, None, AccessRecord.Door.API)
        found = sorted(access.visible_patients(request.user), key=_place)
        return Response([_particulars(patient) for patient in found], headers={"Cache-Control": "no-store"})


def _place(patient: Patient) -> tuple[str, list[tuple[int, str]]]:
    return str(patient.ward_id), bed_order(patient.bed)


def _particulars(patient: Patient) -> dict[str, Any]:
    """The names are those of the hub's rows."""
    return {
        "patientId": patient.pk,
        "mrn": patient.mrn,
        "name": str(patient),
        "bornOn": patient.born_on,
        "wardId": patient.ward_id,
        "bed": patient.bed,
        "version": patient.version,
    }
