"""Alerts over HTTP, for programs that show a bearer token: the list of a ward, and the steps."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from rest_framework.exceptions import ParseError, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import BearerAuthentication
from accounts.models import User
from accounts.permissions import IsClinicalStaff
from clinical import access
from clinical.events import AlertView
from clinical.models import AccessRecord
from clinical.services import access_records, alerts
from clinical.services.alert_answers import AlertConflict, InvalidAnswer

NO_STORE = {"Cache-Control": "no-store"}


class AlertList(APIView):
    """`GET ?ward=icu`: the open alerts of a ward, oldest first, as the hub's events carry them."""

    authentication_classes = [BearerAuthentication]
    permission_classes = [IsClinicalStaff]

    def get(self, request: Request) -> Response:
        assert isinstance(request.user, User)
        try:
            asked = request.query_params.get("ward", "")
            ward = access_records.open_ward(request.user, asked, AccessRecord.Door.API)
        except access.Forbidden as error:
            raise PermissionDenied(str(error)) from None
        return Response(msgspec.to_builtins(alerts.open_on(ward)), headers=NO_STORE)


class AlertStep(APIView):
    """`POST`: one step with an alert; the body has what it needs, the answer the alert as it is now."""

    authentication_classes = [BearerAuthentication]
    permission_classes = [IsClinicalStaff]
    step: str = ""

    def post(self, request: Request, alert_id: UUID) -> Response:
        assert isinstance(request.user, User)
        try:
            view = STEPS[self.step](request.user, alert_id, _Body(request.data))
        except access.Forbidden as error:
            raise PermissionDenied(str(error)) from None
        except InvalidAnswer as error:
            return Response(error.errors, status=400, headers=NO_STORE)
        except AlertConflict as error:
            return Response({"detail": str(error)}, status=409, headers=NO_STORE)
        return Response(msgspec.to_builtins(view), headers=NO_STORE)


class _Body:
    """The fields of a body, each of which must be text. Raises ParseError."""

    def __init__(self, data: Any) -> None:
        if not isinstance(data, dict):
            raise ParseError("Send a JSON object.")
        self._data = data

    def text(self, name: str) -> str:
        value = self._data.get(name, "")
        if not isinstance(value, str):
            raise ParseError(f"{name} must be text.")
        return value


STEPS: dict[str, Callable[[User, UUID, _Body], AlertView]] = {
    "accept": lambda user, alert_id, _: alerts.accept(user, alert_id),
    "review": lambda user, alert_id, _: alerts.start_review(user, alert_id),
    "decline": lambda user, alert_id, body: alerts.decline(
        user, alert_id, body.text("reason"), body.text("note")
    ),
    "resolve": lambda user, alert_id, body: alerts.resolve(
        user, alert_id, body.text("outcome"), body.text("note")
    ),
}
