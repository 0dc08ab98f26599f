"""Alerts over HTTP, for programs that show a bearer token: the list of a ward, and the steps."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

import msgspec
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import BearerAuthentication
from accounts.models import User
from accounts.parsers import SmallJSONParser
from accounts.permissions import IsClinicalStaff
from clinical import access
from clinical.events import AlertView
from clinical.models import AccessRecord
from clinical.services import access_records, alerts
from clinical.services.alert_answers import AlertConflict, InvalidAnswer

NO_STORE = {"Cache-Control": "no-store"}


class AlertList(APIView):
    """`GET`: the open alerts of the wards that the user may see, oldest first; `?ward=icu`: of one."""

    authentication_classes = [BearerAuthentication]
    permission_classes = [IsClinicalStaff]

    def get(self, request: Request) -> Response:
        return Response([msgspec.to_builtins(view) for view in _open(request)], headers=NO_STORE)


def _open(request: Request) -> list[AlertView]:
    user = cast(User, request.user)
    asked = request.query_params.get("ward")
    if asked is None:
        access_records.note(user, None, AccessRecord.Door.API)
        return alerts.open_on(*access.visible_wards(user))
    try:
        return alerts.open_on(access_records.open_ward(user, asked, AccessRecord.Door.API))
    except access.Forbidden as error:
        raise NotFound(str(error)) from None


class IsResponder(BasePermission):
    """Doctors and nurses; whether the alert is on a ward of theirs, the services ask."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, User) and request.user.role in alerts.RESPONDERS


class AlertStep(APIView):
    """`POST`: one step with an alert; the body has what it needs, the answer the alert as it is now."""

    authentication_classes = [BearerAuthentication]
    permission_classes = [IsResponder]
    parser_classes = [SmallJSONParser]
    step: str = ""

    def post(self, request: Request, alert_id: UUID) -> Response:
        assert isinstance(request.user, User)
        try:
            view = STEPS[self.step](request.user, alert_id, _Body(request.data))
        except access.Forbidden as error:
            raise NotFound(str(error)) from None
        except InvalidAnswer as error:
            return Response(error.errors, status=400, headers=NO_STORE)
        except AlertConflict as error:
            return Response({"detail": str(error)}, status=409, headers=NO_STORE)
        return Response(msgspec.to_builtins(view), headers=NO_STORE)


class _Body:
    """The fields of a body, each of which must be text. Raises ParseError."""

    def __init__(self, data: Any) -> None:
        self._data = data

    def text(self, name: str) -> str:
        if not isinstance(self._data, dict):
            raise ParseError("Send a JSON object.")
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
