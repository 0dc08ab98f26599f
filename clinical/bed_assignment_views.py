"""The page on which nurses say which beds are theirs, and the nurse in charge says it for the others."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.models import Role, User
from clinical import access
from clinical.models import Ward
from clinical.services import bed_assignments
from clinical.services.bed_assignments import HOURS, InvalidBeds
from clinical.ward_views import of_ward
from clinical.words import span


def _spans() -> list[tuple[int, str]]:
    return [(hours, span(hours * 60)) for hours in HOURS]


class NurseField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes none at run time
    """People by the names that boards show."""

    def label_from_instance(self, obj: User) -> str:
        return obj.display_name


class BedsForm(forms.Form):
    """Which beds, whose they are, and for how long."""

    beds = forms.MultipleChoiceField(error_messages={"required": _("Choose at least one bed.")})
    nurse = NurseField(label=_("Nurse"), queryset=User.objects.none())
    hours = forms.TypedChoiceField(label=_("For"), choices=_spans, coerce=int, initial=8)

    def __init__(self, *args: Any, ward: Ward, beds: list[str], is_in_charge: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["beds"]
        assert isinstance(chosen, forms.MultipleChoiceField), "as it is declared above"
        chosen.choices = [(bed, bed) for bed in beds]
        if not is_in_charge:
            del self.fields["nurse"]
            return
        nurse = self.fields["nurse"]
        assert isinstance(nurse, NurseField), "as it is declared above"
        nurse.queryset = bed_assignments.nurses_of(ward)


@of_ward
@require_http_methods(["GET", "HEAD", "POST"])
def nurses(request: HttpRequest, user: User, ward: Ward) -> HttpResponse:
    """Who looks after which bed, and for nurses and who is in charge the form to change that."""
    now = timezone.now()
    may_give_all = user.role == Role.ADMIN or access.is_in_charge(user, ward.pk)
    may_change = may_give_all or user.role == Role.NURSE
    names = bed_assignments.beds_of(ward, now)
    form = BedsForm(
        request.POST or None, ward=ward, beds=names, is_in_charge=may_give_all, initial={"nurse": user}
    )
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied(gettext(access.FORBIDDEN_ROLE))
        if _is_done(request, user, ward, form):
            return redirect("ward_nurses", ward.pk)
    held = {each.bed: each for each in bed_assignments.of_ward(ward, now)}
    chosen = set(request.POST.getlist("beds"))
    context = {
        "ward": ward,
        "form": form if may_change else None,
        "fields": [field for field in form if field.name != "beds"],
        "beds": [{"name": bed, "held": held.get(bed), "is_chosen": bed in chosen} for bed in names],
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "clinical/nurses.html", context, status=status)


def _is_done(request: HttpRequest, user: User, ward: Ward, form: BedsForm) -> bool:
    try:
        if request.POST.get("do") == "release":
            bed_assignments.release(user, ward.pk, request.POST.getlist("beds"))
            return True
        if not form.is_valid():
            return False
        given = form.cleaned_data
        bed_assignments.give(user, ward.pk, given.get("nurse") or user, given["beds"], given["hours"])
    except InvalidBeds as error:
        form.add_error(None, str(error))
        return False
    return True
