"""The pages: the board of a ward as it is now, which the page's modules then keep live."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.models import Role, User
from clinical import access, bed_rows
from clinical.events import ward_feed
from clinical.forms import ObservationForm, OrderForm
from clinical.models import Ward
from clinical.services import board, observations, orders
from hubs.feeds.subscriptions import Position


@login_required
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """The way to one's own ward; an admin has them all to choose from."""
    user = _user(request)
    if not user.is_clinical_staff:
        raise PermissionDenied("Your account is not one of clinical staff.")
    if user.role == Role.ADMIN:
        return render(request, "clinical/wards.html", {"wards": Ward.objects.all()})
    try:
        return redirect("ward", access.ward_for(user, user.department).pk)
    except access.Forbidden:
        raise PermissionDenied("You are not assigned to a ward.") from None


@login_required
@never_cache
def ward(request: HttpRequest, ward_id: str) -> HttpResponse:
    """The board. Somebody else's ward looks like one that does not exist."""
    user = _user(request)
    try:
        shown = access.ward_for(user, ward_id)
    except access.Forbidden:
        raise Http404 from None
    return render(request, "clinical/board.html", _board(shown, timezone.now()) | _actions(user))


def _board(shown: Ward, now: datetime) -> dict[str, Any]:
    zone = ZoneInfo(settings.TIME_ZONE)
    snapshot = board.snapshot(shown, Position(ward_feed(shown.pk), 0, 0))
    rows = [bed_rows.fields(msgspec.to_builtins(row), now, zone) for row in snapshot.beds]
    return {
        "ward": shown,
        "rows": rows,
        "blank": bed_rows.blank(),
        "counts": bed_rows.counts(rows),
        "vitals": bed_rows.VITALS,
        "now": now,
        "time_zone": settings.TIME_ZONE,
    }


def _actions(user: User) -> dict[str, Any]:
    """The forms of those who may use them; the hub decides for itself."""
    return {
        "observation_form": ObservationForm() if user.role in observations.RECORDERS else None,
        "order_form": OrderForm() if user.role in orders.PRESCRIBERS else None,
    }


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required lets nobody else through
    return request.user
