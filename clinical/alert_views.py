"""The pages about alerts: what is open on a ward, the steps as plain forms, and what alerts cost."""

from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from clinical import access, alert_rows, privacy
from clinical.events import AlertView
from clinical.models import AccessRecord, Alert, DeclineReason, Outcome, Severity, Ward
from clinical.privacy import Privacy
from clinical.screen_views import mode_of
from clinical.services import access_records, alert_steps, alerts
from clinical.services.alert_budget import budget
from hubs.errors import HubError

PERIODS = (1, 7, 30)
GRAVEST_FIRST = [Severity.HIGH, Severity.MEDIUM, Severity.LOW]


@login_required
@never_cache
@require_GET
def alert_list(request: HttpRequest, ward_id: str) -> HttpResponse:
    """The open alerts. Somebody else's ward looks like one that does not exist."""
    user, ward = _user(request), _ward(access_records.open_ward, request, ward_id, AccessRecord.Door.PAGE)
    shown = sorted(alerts.open_alerts(ward), key=lambda alert: GRAVEST_FIRST.index(Severity(alert.severity)))
    mode = mode_of(request)
    return render(
        request,
        "clinical/alerts.html",
        {
            "ward": ward,
            "rows": [_row(alert, user, mode) for alert in shown],
            "privacy": mode,
            "blank": {**alert_rows.blank(), "bed": "", "name": ""},
            "responder": user.role in alerts.RESPONDERS,
            "outcomes": Outcome.choices,
            "reasons": DeclineReason.choices,
            "now": timezone.now(),
            "time_zone": settings.TIME_ZONE,
        },
    )


@login_required
@never_cache
@require_POST
def alert_step(request: HttpRequest, ward_id: str, alert_id: UUID, step: str) -> HttpResponse:
    """Takes a step and shows the list again, with a sentence about what came of it."""
    user, ward = _user(request), _ward(access.ward_for, request, ward_id)
    if step not in STEPS:
        raise Http404
    try:
        STEPS[step](user, alert_id, request.POST)
    except HubError as error:
        messages.error(request, _(str(error)), extra_tags="message-bad")
    return redirect("alerts", ward.pk)


@login_required
@never_cache
@require_GET
def alert_budget(request: HttpRequest, ward_id: str) -> HttpResponse:
    """The figures of one of the periods."""
    ward = _ward(access.ward_for, request, ward_id)
    asked = request.GET.get("days", "7")
    days = next((each for each in PERIODS if str(each) == asked), 7)
    context = {"ward": ward, "budget": budget(ward, days), "periods": PERIODS}
    return render(request, "clinical/alert_budget.html", context)


STEPS: dict[str, Callable[[User, UUID, Any], AlertView]] = {
    "accept": lambda user, alert_id, _: alerts.accept(user, alert_id),
    "review": lambda user, alert_id, _: alerts.start_review(user, alert_id),
    "decline": lambda user, alert_id, form: alerts.decline(user, alert_id, *_answer(form)),
    "resolve": lambda user, alert_id, form: alerts.resolve(user, alert_id, *_answer(form)),
}


def _answer(form: Any) -> tuple[str, str]:
    return form.get("word", ""), form.get("note", "")


def _row(alert: Alert, user: User, mode: Privacy) -> dict[str, Any]:
    wire = msgspec.to_builtins(alert_steps.view(alert))
    row = alert_rows.fields(wire, timezone.now(), ZoneInfo(settings.TIME_ZONE), user.pk)
    return {**row, "bed": alert.patient.bed, "name": privacy.name(str(alert.patient), mode)}


def _ward(find: Callable[..., Ward], request: HttpRequest, ward_id: str, *rest: Any) -> Ward:
    try:
        return find(_user(request), ward_id, *rest)
    except access.Forbidden:
        raise Http404 from None


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required lets nobody else through
    return request.user
