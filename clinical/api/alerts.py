"""Alerts over HTTP: the list of a ward, and the steps."""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.openapi import ListOf, operation
from accounts.permissions import IsClinicalStaff
from clinical import access
from clinical.api import shapes
from clinical.api.view import ClinicalView, OfRoles, answer
from clinical.events import AlertView
from clinical.models import AccessRecord
from clinical.services import access_records, alerts

WARD = OpenApiParameter("ward", str, description="Of one ward; left out: of all that one may see.")


class AlertList(ClinicalView):
    """`GET`: the open alerts of the wards that the user may see, oldest first; `?ward=icu`: of one."""

    permission_classes = [IsClinicalStaff]

    @operation("list_alerts", ListOf(AlertView), 401, 403, 404, parameters=[WARD])
    def get(self, request: Request) -> Response:
        return answer(self._open(request.query_params.get("ward")))

    def _open(self, asked: str | None) -> list[AlertView]:
        if asked is not None:
            return alerts.open_on(access_records.open_ward(self.user, asked, AccessRecord.Door.API))
        access_records.note(self.user, None, AccessRecord.Door.API)
        return alerts.open_on(*access.visible_wards(self.user))


class IsResponder(OfRoles):
    roles = alerts.RESPONDERS


class AlertStep(ClinicalView):
    """One step with an alert; the answer is the alert as it is now. A second click changes nothing."""

    permission_classes = [IsResponder]


class Accept(AlertStep):
    """`POST`: the user becomes the owner. The first one wins; who comes later is told who that was."""

    @operation("accept_alert", AlertView, 401, 403, 404, 409)
    def post(self, request: Request, alert_id: UUID) -> Response:
        return answer(alerts.accept(self.user, alert_id))


class Review(AlertStep):
    """`POST`: its owner is at the bedside."""

    @operation("start_alert_review", AlertView, 401, 403, 404, 409)
    def post(self, request: Request, alert_id: UUID) -> Response:
        return answer(alerts.start_review(self.user, alert_id))


class Decline(AlertStep):
    """`POST {reason, note}`: the user cannot; an owner gives the alert back. "other" needs a note."""

    @operation("decline_alert", AlertView, 400, 401, 403, 404, 409, 413, 415, takes=shapes.Decline)
    def post(self, request: Request, alert_id: UUID) -> Response:
        body = self.body(shapes.Decline)
        return answer(alerts.decline(self.user, alert_id, body.reason, body.note))


class Resolve(AlertStep):
    """`POST {outcome, note}`: it ends with what came of it, by its owner only. "other" needs a note."""

    @operation("resolve_alert", AlertView, 400, 401, 403, 404, 409, 413, 415, takes=shapes.Resolution)
    def post(self, request: Request, alert_id: UUID) -> Response:
        body = self.body(shapes.Resolution)
        return answer(alerts.resolve(self.user, alert_id, body.outcome, body.note))
