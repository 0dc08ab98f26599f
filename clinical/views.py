"""The pages: the board of a ward as it is now, which the page's modules then keep live."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.models import Role, User
from clinical import access, board_page
from clinical.forms import OrderForm, blank_observation_fields
from clinical.models import AccessRecord
from clinical.screen_views import mode_of
from clinical.services import access_records, observations, orders


@login_required
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """The way to one's own ward; whoever works on several chooses, and an admin among all of them."""
    user = _user(request)
    if user.is_wall_display and user.department:
        return redirect("wall", user.department)
    if not user.is_clinical_staff:
        raise PermissionDenied(_("Your account is not one of clinical staff."))
    wards = access.visible_wards(user)
    if user.role == Role.ADMIN or len(wards) > 1:
        return render(request, "clinical/wards.html", {"wards": wards})
    if not wards:
        raise PermissionDenied(_("You are not assigned to a ward."))
    return redirect("ward", wards[0].pk)


@login_required
@never_cache
def ward(request: HttpRequest, ward_id: str) -> HttpResponse:
    """The board. Somebody else's ward looks like one that does not exist."""
    user = _user(request)
    try:
        shown = access_records.open_ward(user, ward_id, AccessRecord.Door.PAGE)
    except access.Forbidden:
        raise Http404 from None
    page = board_page.context(shown, timezone.now(), mode_of(request))
    return render(request, "clinical/board.html", page | _actions(user))


def _actions(user: User) -> dict[str, Any]:
    """The forms of those who may use them; the hub decides for itself."""
    return {
        "observation_fields": (
            blank_observation_fields(get_language()) if user.role in observations.RECORDERS else None
        ),
        "order_form": OrderForm() if user.role in orders.PRESCRIBERS else None,
    }


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required lets nobody else through
    return request.user
