"""Pages about how a board is shown: its privacy mode, its print, and the wall display."""

import logging

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from clinical import access, board_page, privacy
from clinical.models import AccessRecord, Ward
from clinical.privacy import Privacy
from clinical.services import access_records

logger = logging.getLogger("clinical")

# In the session, which is the server's: the mode belongs to this screen and ends with its login.
KEY = "privacy"


def mode_of(request: HttpRequest) -> Privacy:
    """The mode of this screen. Who logs in sees full names until they choose."""
    return privacy.chosen(request.session.get(KEY, Privacy.FULL))


@login_required
@require_POST
def choose_privacy(request: HttpRequest, ward_id: str) -> HttpResponse:
    """Takes the mode for this screen, and shows the board in it."""
    request.session[KEY] = privacy.chosen(request.POST.get("privacy")).value
    return redirect("ward", ward_id)


@login_required
@never_cache
@require_GET
def print_board(request: HttpRequest, ward_id: str) -> HttpResponse:
    """The board on paper, which says when and by whom it was printed: it is not live after that."""
    user = _user(request)
    ward = _opened(user, ward_id)
    logger.info("board printed", extra={"user": user.pk, "ward": ward.pk})
    page = board_page.context(ward, timezone.now(), mode_of(request))
    return render(request, "clinical/print.html", page)


@login_required
@never_cache
@require_GET
def wall(request: HttpRequest, ward_id: str) -> HttpResponse:
    """The board for a display on the wall: large, without names in full, and without anything to press."""
    user = _user(request)
    if user.is_wall_display:
        # What comes over that hub has nothing left to hide.
        ward, hub, drawn = _own_wall(user, ward_id), "/hubs/wall", Privacy.FULL
        mode = privacy.of_wall(user)
    else:
        ward, hub = _opened(user, ward_id), "/hubs/clinical"
        mode = drawn = _on_a_wall(mode_of(request))
    page = board_page.context(ward, timezone.now(), mode)
    return render(request, "clinical/wall.html", {**page, "wall": True, "hub": hub, "drawn": drawn})


def _on_a_wall(mode: Privacy) -> Privacy:
    """Nobody's wall shows names in full."""
    return Privacy.INITIALS if mode == Privacy.FULL else mode


def _opened(user: User, ward_id: str) -> Ward:
    try:
        return access_records.open_ward(user, ward_id, AccessRecord.Door.PAGE)
    except access.Forbidden:
        raise Http404 from None


def _own_wall(user: User, ward_id: str) -> Ward:
    try:
        return access.wall_for(user, ward_id)
    except access.Forbidden:
        raise Http404 from None


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required lets nobody else through
    return request.user
