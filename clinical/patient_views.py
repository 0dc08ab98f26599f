"""The page of one patient: how they have been, what is open, and what happened when."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from clinical import access, patient_page
from clinical.models import AccessRecord
from clinical.screen_views import mode_of
from clinical.services import access_records


@login_required
@never_cache
@require_GET
def patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Somebody else's patient looks like one who does not exist."""
    assert isinstance(request.user, User)  # login_required lets nobody else through
    try:
        shown = access.patient_for(request.user, patient_id)
    except access.Forbidden:
        raise Http404 from None
    access_records.note(request.user, shown.ward_id, AccessRecord.Door.PAGE)
    page = patient_page.context(shown, timezone.now(), mode_of(request), _hours(request))
    return render(request, "clinical/patient.html", page)


def _hours(request: HttpRequest) -> int:
    """What is none of the choices is the first of them: a link that was cut shows the page all the same."""
    asked = request.GET.get("hours", "")
    return next((hours for hours in patient_page.WINDOWS if str(hours) == asked), patient_page.WINDOWS[0])
