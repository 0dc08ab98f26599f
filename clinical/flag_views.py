"""The page of a patient's flags: doctors and nurses set and clear them, everybody of the ward reads."""

from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from clinical.entry_pages import for_staff, keeps
from clinical.models import AccessRecord
from clinical.services import access_records, flags
from clinical.services.flags import InvalidFlag, Kind
from clinical.words import FLAGS


class FlagForm(forms.Form):
    """Which flag, and what else is to be known of it."""

    kind = forms.ChoiceField(label=_("Flag"))
    note = forms.CharField(
        label=_("Note"),
        max_length=flags.LONGEST_NOTE,
        required=False,
        help_text=_("for the patient's page only"),
    )

    def __init__(self, *args: Any, kinds: list[Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField), "as it is declared above"
        field.choices = [(kind.value, FLAGS[kind]) for kind in kinds]


@for_staff
@keeps(partial(FlagForm, kinds=list(Kind)))
@require_http_methods(["GET", "HEAD", "POST"])
def of_patient(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    """The flags of this stay, cleared ones too, and for who may set them the form of a new one."""
    patient = access_records.open_patient(user, patient_id, AccessRecord.Door.PAGE)
    kinds = flags.settable(user)
    form = FlagForm(request.POST if request.method == "POST" else None, kinds=kinds)
    if request.method == "POST" and (form.is_valid() or not kinds):
        try:
            flags.put(user, patient.pk, request.POST.get("kind", ""), request.POST.get("note", ""))
            return redirect("flags", patient.pk)
        except InvalidFlag as error:
            form.add_error(None, str(error))
    shown = [
        {
            "flag": flag,
            "word": FLAGS[flag.kind],
            "is_set": flag.cleared_at is None,
            "may_clear": flag.cleared_at is None and flag.kind in kinds,
        }
        for flag in flags.of_stay(patient)
    ]
    context = {"patient": patient, "form": form if kinds else None, "flags": shown}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "clinical/flags.html", context, status=status)


@for_staff
@require_POST
def clear(request: HttpRequest, user: User, flag_id: UUID) -> HttpResponse:
    """Takes a flag back."""
    return redirect("flags", flags.clear(user, flag_id).patient_id)
