"""The page on which doctors and nurses decide how often a patient is observed."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from clinical import frequency_rows
from clinical.entry_pages import for_staff, keeps
from clinical.models import AccessRecord, Patient
from clinical.services import access_records, frequency_decisions, schedules, scoring, scoring_decisions
from clinical.services.frequency_decisions import MINUTES
from clinical.services.scoring_decisions import InvalidDecision
from clinical.ward_forms import time_field
from clinical.words import span


def _spans() -> list[tuple[int, str]]:
    return [(minutes, span(minutes)) for minutes in MINUTES]


class FrequencyForm(forms.Form):
    """How often, until when, and why."""

    minutes = forms.TypedChoiceField(label=_("Every"), choices=_spans, coerce=int)
    until = time_field(_("Until"), help_text=_("within three days"))
    reason = forms.CharField(label=_("Reason"), max_length=scoring_decisions.LONGEST_REASON)


@for_staff
@keeps(FrequencyForm)
@require_http_methods(["GET", "HEAD", "POST"])
def frequency(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    """What was decided in this stay, what has ended too, and for who may decide the form."""
    patient = access_records.open_patient(user, patient_id, AccessRecord.Door.PAGE)
    form = FrequencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            frequency_decisions.prescribe(user, patient.pk, **form.cleaned_data)
            return redirect("frequency", patient.pk)
        except InvalidDecision as error:
            form.add_error(None, str(error))
    return _page(request, user, patient, form)


@for_staff
@require_POST
def revoke(request: HttpRequest, user: User, decision_id: UUID) -> HttpResponse:
    """Ends a decision. One that has ended already is what the user asked for, whoever did it."""
    patient_id = scoring_decisions.patient_of(user, decision_id)
    try:
        frequency_decisions.revoke(user, decision_id)
    except InvalidDecision as error:
        patient = access_records.open_patient(user, patient_id, AccessRecord.Door.PAGE)
        form = FrequencyForm({})
        form.errors.clear()
        form.add_error(None, str(error))
        return _page(request, user, patient, form)
    return redirect("frequency", patient_id)


def _page(request: HttpRequest, user: User, patient: Patient, form: FrequencyForm) -> HttpResponse:
    now = timezone.now()
    in_force = scoring.in_force(patient, now)
    asked = schedules.asked_of(patient, in_force)
    may_decide = user.role in frequency_decisions.PRESCRIBERS
    may_revoke_all = may_decide and frequency_decisions.may_lengthen(user, patient)
    shown: list[dict[str, Any]] = [
        {**each, "may_revoke": each["holds"] and may_decide and (may_revoke_all or each["by_id"] == user.pk)}
        for each in frequency_rows.rows(scoring.decisions_of(patient), asked, now)
    ]
    context = {
        "patient": patient,
        "form": form if may_decide else None,
        "decisions": shown,
        "asked": asked and span(asked.total_seconds() // 60),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "clinical/frequency.html", context, status=status)
