"""The pages of a ward's staff: who works here and until when, who lies where, who comes and goes."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Role, User
from clinical import access
from clinical.models import Patient, Ward
from clinical.services import assignments, board, stays
from clinical.services.assignments import InvalidAssignment
from clinical.services.patients import InvalidPatient
from clinical.services.stays import Person, Place
from clinical.ward_forms import (
    AdmissionForm,
    AssignmentForm,
    DischargeForm,
    EndForm,
    OnceForm,
    SwapForm,
    TransferForm,
)

Page = Callable[..., HttpResponse]
FORMS: dict[str, type[OnceForm]] = {"transfer": TransferForm, "swap": SwapForm, "discharge": DischargeForm}
NOT_IN_CHARGE = gettext_lazy("Who works on a ward is for its nurse in charge and for administrators to say.")
NOT_A_MOVER = gettext_lazy("Beds are for doctors and nurses to give.")


def of_ward(page: Page) -> Page:
    """Hands the ward over to a page; somebody else's looks like one that does not exist."""

    @login_required
    @never_cache
    @wraps(page)
    def shown(request: HttpRequest, ward_id: str, **kwargs: Any) -> HttpResponse:
        assert isinstance(request.user, User)  # login_required lets nobody else through
        try:
            ward = access.ward_for(request.user, ward_id)
            return page(request, request.user, ward, **kwargs)
        except access.Forbidden as refusal:
            if str(refusal) in (access.FORBIDDEN_WARD, access.FORBIDDEN_PATIENT):
                raise Http404 from None
            raise PermissionDenied(_(str(refusal))) from None

    return shown


@of_ward
@require_http_methods(["GET", "HEAD", "POST"])
def staff(request: HttpRequest, user: User, ward: Ward) -> HttpResponse:
    """Whom the ward is open to besides its own department, and the form to add somebody."""
    _require_in_charge(user, ward)
    form = AssignmentForm(request.POST or None, may_put_in_charge=user.role == Role.ADMIN)
    if request.method == "POST" and form.is_valid():
        try:
            assignments.assign(user, form.wanted(ward))
            return redirect("ward_staff", ward.pk)
        except InvalidAssignment as error:
            form.take(error.errors)
    return _staff_page(request, ward, form)


@of_ward
@require_POST
def end_assignment(request: HttpRequest, user: User, ward: Ward, assignment_id: UUID) -> HttpResponse:
    """Ends somebody's assignment now, or lets it end earlier."""
    _require_in_charge(user, ward)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _staff_page(request, ward, AssignmentForm(), _("Give the end as a date and a time."))
    ends_at = form.cleaned_data["ends_at"]
    try:
        if ends_at is None:
            assignments.revoke(user, assignment_id)
        else:
            assignments.shorten(user, assignment_id, ends_at)
    except InvalidAssignment as error:
        return _staff_page(request, ward, AssignmentForm(), str(error))
    return redirect("ward_staff", ward.pk)


@of_ward
@require_http_methods(["GET", "HEAD"])
def beds(request: HttpRequest, user: User, ward: Ward) -> HttpResponse:
    """Who lies where, and the ways to admit, move and discharge."""
    _require_mover(user)
    found = sorted(ward.patients.all(), key=lambda patient: board.bed_order(patient.bed))
    context = {"ward": ward, "patients": found, "left": stays.recently_left(ward)}
    return render(request, "clinical/beds.html", context)


@of_ward
@require_http_methods(["GET", "HEAD", "POST"])
def admit(request: HttpRequest, user: User, ward: Ward) -> HttpResponse:
    """The form for somebody who comes."""
    _require_mover(user)
    form = AdmissionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        key, bed = given.pop("key"), given.pop("bed")
        try:
            stays.admit(user, Place(ward.pk, bed), Person(**given), key)
            return redirect("ward_beds", ward.pk)
        except InvalidPatient as error:
            form.take(error.errors)
    return render(request, "clinical/admission.html", {"ward": ward, "form": form})


@of_ward
@require_http_methods(["GET", "HEAD", "POST"])
def movements(request: HttpRequest, user: User, ward: Ward, patient_id: UUID) -> HttpResponse:
    """Where a patient has been during this stay, and the forms to move or discharge them."""
    _require_mover(user)
    name = request.POST.get("do", "")
    if request.method == "GET" or name not in FORMS:
        return _movements_page(request, user, ward, patient_id, {})
    form = FORMS[name](request.POST, auto_id=f"{name}-%s")
    if form.is_valid():
        try:
            _move(name, user, ward, patient_id, form.cleaned_data)
            return redirect("ward_beds", ward.pk)
        except InvalidPatient as error:
            form.take(error.errors)
    return _movements_page(request, user, ward, patient_id, {name: form})


def _move(name: str, user: User, ward: Ward, patient_id: UUID, given: dict[str, Any]) -> None:
    seen, key = Place(ward.pk, given["seen"]), given["key"]
    if name == "transfer":
        stays.transfer(user, patient_id, seen, Place(given["ward"], given["bed"]), key)
    elif name == "swap":
        stays.swap(user, patient_id, seen, given["bed"], key)
    else:
        stays.discharge(user, patient_id, seen, given["reason"], key)


def _movements_page(
    request: HttpRequest, user: User, ward: Ward, patient_id: UUID, tried: dict[str, OnceForm]
) -> HttpResponse:
    """The page, with what was tried and refused; of a patient who has left, only that."""
    try:
        patient = access.patient_for(user, patient_id)
    except access.Forbidden:
        if not any(form.errors for form in tried.values()):
            raise
        return render(request, "clinical/movements.html", {"ward": ward, "forms": tried})
    if patient.ward_id != ward.pk and not tried:
        return redirect("patient_movements", patient.ward_id, patient.pk)
    context = {
        "ward": ward,
        "patient": patient,
        "forms": _fresh_forms(user, patient) | tried,
        "history": stays.history(patient),
    }
    return render(request, "clinical/movements.html", context)


def _fresh_forms(user: User, patient: Patient) -> dict[str, OnceForm]:
    initial = {"seen": patient.bed, "ward": patient.ward_id}
    forms = {name: form(initial=initial, auto_id=f"{name}-%s") for name, form in FORMS.items()}
    if not access.is_in_charge(user, str(patient.ward_id)):
        del forms["swap"]
    return forms


def _staff_page(request: HttpRequest, ward: Ward, form: AssignmentForm, error: str = "") -> HttpResponse:
    context = {
        "ward": ward,
        "form": form,
        "error": error,
        "assignments": assignments.of_ward(ward),
        "staff": assignments.candidates(ward),
    }
    return render(request, "clinical/staff.html", context)


def _require_in_charge(user: User, ward: Ward) -> None:
    try:
        access.require_in_charge(user, ward.pk)
    except access.Forbidden:
        raise PermissionDenied(NOT_IN_CHARGE) from None


def _require_mover(user: User) -> None:
    if user.role not in stays.MOVERS:
        raise PermissionDenied(NOT_A_MOVER)
