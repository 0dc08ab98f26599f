"""The page on which doctors decide how, and whether, a patient is scored."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from clinical.entry_pages import for_staff, keeps
from clinical.models import AccessRecord
from clinical.services import access_records, scoring, scoring_decisions
from clinical.services.scoring_decisions import DECIDABLE, InvalidDecision
from clinical.ward_forms import time_field


class DecisionForm(forms.Form):
    """What is decided, why, and for scale 2 perhaps until when."""

    kind = forms.ChoiceField(label=_("Decision"), choices=[(kind.value, kind.label) for kind in DECIDABLE])
    reason = forms.CharField(label=_("Reason"), max_length=scoring_decisions.LONGEST_REASON)
    until = time_field(
        _("Until"),
        required=False,
        help_text=_("scale 2 only; empty is for this stay, or until it is revoked"),
    )


@for_staff
@keeps(DecisionForm)
@require_http_methods(["GET", "HEAD", "POST"])
def decisions(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    """The decisions of this stay, those that have ended too, and for doctors the form of a new one."""
    patient = access_records.open_patient(user, patient_id, AccessRecord.Door.PAGE)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            scoring_decisions.decide(user, patient.pk, **form.cleaned_data)
            return redirect("scoring", patient.pk)
        except InvalidDecision as error:
            form.add_error(None, str(error))
    now = timezone.now()
    context = {
        "patient": patient,
        "form": form if user.role in scoring_decisions.DECIDERS else None,
        "decisions": [
            (each, each.holds(now)) for each in scoring.decisions_of(patient) if each.kind in DECIDABLE
        ],
        "not_scored": scoring.not_scored(patient.born_on, now, None),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "clinical/scoring.html", context, status=status)


@for_staff
@require_POST
def revoke(request: HttpRequest, user: User, decision_id: UUID) -> HttpResponse:
    """Ends a decision. One that has ended already is what the user asked for, whoever did it."""
    try:
        patient_id = scoring_decisions.revoke(user, decision_id).patient_id
    except InvalidDecision:
        patient_id = scoring_decisions.patient_of(user, decision_id)
    return redirect("scoring", patient_id)
