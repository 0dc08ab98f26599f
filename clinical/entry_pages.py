"""What pages of entering data share: who may see them, and how a form outlives its login and its patient."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.forms import BoundField, Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from rest_framework.authentication import CSRFCheck

from accounts.models import User
from clinical import access

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, User, P], HttpResponse]


def for_staff(page: Page[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Hands the user over to the page. What is refused looks like what does not exist.

    Whose login has ended since the form was opened, or is a newer one, gets the form back as it was typed.
    So the protection against forged requests is asked here: Django's own answer would throw it away.
    """

    @csrf_exempt
    @never_cache
    @wraps(page)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user
        if request.method == "POST" and (not isinstance(user, User) or _is_forged(request)):
            return _kept(request)
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        try:
            return page(request, user, *args, **kwargs)
        except access.Forbidden as refusal:
            if str(refusal) == access.FORBIDDEN_ROLE:
                raise PermissionDenied(_(str(refusal))) from None
            raise Http404 from None

    return shown


def keeps(form: Callable[[QueryDict], Form]) -> Callable[[Page[P]], Page[P]]:
    """Gives back what was typed into the form for a patient who is not found, or not available any more.

    Patients are transferred while somebody types. There or not, the page looks the same.
    """

    def around(page: Page[P]) -> Page[P]:
        @wraps(page)
        def shown(request: HttpRequest, user: User, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                return page(request, user, *args, **kwargs)
            except (access.Forbidden, Http404) as refusal:
                if request.method != "POST" or str(refusal) == access.FORBIDDEN_ROLE:
                    raise
            return render(request, "404.html", {"typed": _typed(form(request.POST))}, status=404)

        return shown

    return around


def _typed(form: Form) -> list[tuple[str, str]]:
    """What somebody reads of a form: label and value of each field that is not empty."""
    return [(str(field.label), _text(field)) for field in form.visible_fields() if field.value()]


def _text(field: BoundField) -> str:
    value = field.value()
    choices = {str(key): text for key, text in getattr(field.field, "choices", ())}
    return _("yes") if value is True else str(choices.get(str(value), value))


def _is_forged(request: HttpRequest) -> bool:
    """Whether the form's token is not that of this browser, as after a new login in another tab."""
    check = CSRFCheck(lambda _: HttpResponse())
    check.process_request(request)
    return check.process_view(request, _protected, (), {}) is not None


def _protected(request: HttpRequest) -> HttpResponse:
    """Stands for a view that is not exempt, which is all that the check asks of one."""
    raise AssertionError("never called")


def _kept(request: HttpRequest) -> HttpResponse:
    """The values as they came, in a form that sends them once more. Nothing is saved until somebody does."""
    values = [(name, value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"]
    status = 403 if request.user.is_authenticated else 401
    return render(request, "clinical/entry_kept.html", {"values": values}, status=status)
