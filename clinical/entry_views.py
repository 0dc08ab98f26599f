"""The pages of recording and correcting sets: for a board that is not live, and for what came before."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.models import User
from clinical import access
from clinical.bed_rows import VITALS
from clinical.entry_forms import CorrectionForm, EntryForm
from clinical.entry_pages import for_staff, keeps
from clinical.models import AccessRecord, ObservationSet, Patient
from clinical.services import access_records, corrections, observations, schedules, scoring
from clinical.services.observation_input import Conflict, InvalidObservation

# Newer ones push older ones off the page; the patient's page has the charts.
SHOWN = 50


@for_staff
@keeps(EntryForm)
@require_http_methods(["GET", "HEAD", "POST"])
def new_set(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    """The form of one set. It saves what the panel of a board that is not live has sent here, too."""
    access.require_role(user, *observations.RECORDERS)
    patient = access.patient_for(user, patient_id)
    form = EntryForm(request.POST or None, newest=_newest(patient))
    if request.method == "POST" and form.is_valid():
        asked = form.unanswered()
        if asked:
            return _entry(request, patient, form, asked=asked)
        try:
            observations.record(user, patient.pk, form.given())
            return redirect("observation_sets", patient.pk)
        except InvalidObservation as error:
            form.refuse(error)
        except Conflict as error:
            form.add_error(None, str(error))
    return _entry(request, patient, form)


@for_staff
@keeps(CorrectionForm)
@require_http_methods(["GET", "HEAD", "POST"])
def correct_set(request: HttpRequest, user: User, set_id: UUID) -> HttpResponse:
    """The form of a new version of one set."""
    access.require_role(user, *observations.RECORDERS)
    old = ObservationSet.objects.filter(pk=set_id).first()
    if old is None:
        raise Http404
    patient = access.patient_for(user, old.patient_id)
    form = CorrectionForm(request.POST or None, initial=CorrectionForm.values_of(old))
    if request.method == "POST" and form.is_valid():
        try:
            _correct(user, old, form)
            return redirect("observation_sets", patient.pk)
        except InvalidObservation as error:
            form.refuse(error)
        except Conflict as error:
            form.add_error(None, str(error))
    return _entry(request, patient, form, old=old)


@for_staff
@require_http_methods(["GET", "HEAD"])
def sets(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    """The sets of this stay in all their versions, newest first."""
    patient = access_records.open_patient(user, patient_id, AccessRecord.Door.PAGE)
    found = ObservationSet.objects.filter(patient=patient, recorded_at__gte=patient.admitted_at)
    shown = found.select_related("recorded_by", "corrected_by__recorded_by")[:SHOWN]
    context = {
        "patient": patient,
        "sets": [(each, observations.score_of(each)) for each in shown],
        "vitals": VITALS,
        "may_record": user.role in observations.RECORDERS,
        "not_scored": scoring.not_scored(
            patient.born_on, timezone.now(), scoring.stated(scoring.in_force(patient, timezone.now()))
        ),
    }
    return render(request, "clinical/observation_sets.html", context)


def _correct(user: User, old: ObservationSet, form: CorrectionForm) -> None:
    given, reason = form.given(), form.cleaned_data["correction_reason"]
    if form.cleaned_data["withdrawn"]:
        corrections.withdraw(user, old.pk, reason, given.key)
    else:
        corrections.correct(user, old.pk, given, reason)


def _newest(patient: Patient) -> ObservationSet | None:
    schedule = schedules.of_patients([patient.pk]).get(patient.pk)
    return None if schedule is None else schedule.newest


def _entry(request: HttpRequest, patient: Patient, form: EntryForm, **more: Any) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else 200
    context = {"patient": patient, "form": form, **more}
    return render(request, "clinical/observation_entry.html", context, status=status)
