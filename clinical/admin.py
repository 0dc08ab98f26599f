"""Wards, assignments, patients and the drugs in the admin site; what has services changes by them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from clinical.access import Forbidden
from clinical.admin_access import ClinicalRowsAdmin, ReadOnly
from clinical.models import AccessRecord, Assignment, Drug, Movement, Patient, Ward
from clinical.services import assignments, patients
from clinical.services.assignments import InvalidAssignment
from clinical.services.patients import Cause


@admin.register(Ward)
class WardAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes none at run time
    list_display = ("name", "id")
    search_fields = ("name", "id")

    def get_readonly_fields(self, request: HttpRequest, obj: Ward | None = None) -> tuple[str, ...]:
        # The slug is the key, the feed's name and the department of its staff.
        return () if obj is None else ("id",)

    def has_delete_permission(self, request: HttpRequest, obj: Ward | None = None) -> bool:
        # The page that says why not would list the ward's patients by name.
        return False


class ByService(admin.ModelAdmin):  # type: ignore[type-arg]  # takes none at run time
    """Rows that a service writes: what it refuses is said on the page."""

    # Also what was right when the form was checked, and no longer when it was written.
    refusals: tuple[type[Exception], ...]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except self.refusals as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect(request.path)


class AssignmentForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none at run time
    """A new assignment; the service's errors stand at its fields."""

    by: User

    class Meta:
        model = Assignment
        fields = ("user", "ward", "kind", "in_charge", "begins_at", "ends_at", "reason")

    def clean(self) -> dict[str, Any]:
        written: dict[str, Any] = super().clean() or {}
        if self.errors or self.instance.granted_by_id is not None:  # it is there already
            return written
        try:
            assignments.check(self.by, Assignment(**written))
        except InvalidAssignment as error:
            raise ValidationError(
                {name or NON_FIELD_ERRORS: text for name, text in error.errors.items()}
            ) from None
        except Forbidden as error:
            raise ValidationError(str(error)) from None
        return written


@admin.register(Assignment)
class AssignmentAdmin(ByService):
    """Assigns by adding, ends by an action or by an earlier end; what was stays written down."""

    refusals = (InvalidAssignment, Forbidden)
    form = AssignmentForm
    list_display = ("user", "ward", "kind", "in_charge", "begins_at", "ends_at", "granted_by", "revoked_at")
    list_filter = ("ward", "kind", "in_charge")
    list_select_related = ("user", "ward", "granted_by")
    search_fields = ("user__username", "user__last_name", "reason")
    date_hierarchy = "begins_at"
    actions = ("end_assignments",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return type("Form", (super().get_form(request, obj, change, **kwargs),), {"by": request.user})

    def get_readonly_fields(self, request: HttpRequest, obj: Assignment | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        kept = ("user", "ward", "kind", "in_charge", "begins_at", "reason")
        return (*kept, "granted_by", "granted_at", "revoked_at", "revoked_by")

    def save_model(self, request: HttpRequest, obj: Assignment, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)  # the site lets nobody else in
        if not change:
            assignments.assign(request.user, obj)
        elif "ends_at" in form.changed_data:
            assignments.shorten(request.user, obj.pk, form.cleaned_data["ends_at"])

    def has_delete_permission(self, request: HttpRequest, obj: Assignment | None = None) -> bool:
        return False

    @admin.action(description="End the selected assignments now", permissions=["change"])
    def end_assignments(self, request: HttpRequest, queryset: QuerySet[Assignment]) -> None:
        assert isinstance(request.user, User)  # the site lets nobody else in
        try:
            for assignment in queryset:
                assignments.revoke(request.user, assignment.pk)
        except Forbidden as error:
            self.message_user(request, str(error), messages.ERROR)


@admin.register(AccessRecord)
class AccessRecordAdmin(ReadOnly):
    """Which administrator was shown which ward."""

    list_display = ("at", "user", "ward", "door", "connection")
    list_filter = ("ward", "door")
    list_select_related = ("user", "ward")
    search_fields = ("user__username", "user__last_name")
    date_hierarchy = "at"


@admin.register(Movement)
class MovementAdmin(ReadOnly, ClinicalRowsAdmin):
    """Where patients lay, and who put them there."""

    list_display = ("at", "kind", "patient", "from_ward", "from_bed", "to_ward", "to_bed", "by")
    list_filter = ("kind", "to_ward")
    list_select_related = ("patient", "from_ward", "to_ward", "by")


@admin.register(Drug)
class DrugAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes none at run time
    search_fields = ("name",)


class PatientForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none at run time
    """Knows what the page showed, so that only what was changed on it is written.

    Without that, correcting a name would move the patient back to the bed of when the page was opened.
    """

    class Meta:
        model = Patient
        fields = ("mrn", "family_name", "given_name", "born_on", "ward", "bed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True


@admin.register(Patient)
class PatientAdmin(ByService, ClinicalRowsAdmin):
    """Admits with a ward and a bed, moves by changing them, discharges by an action; never deletes."""

    refusals = (patients.InvalidPatient,)
    form = PatientForm
    list_display = ("__str__", "mrn", "ward", "bed", "born_on")
    list_filter = ("ward",)
    list_select_related = ("ward",)
    search_fields = ("mrn", "family_name", "given_name")
    readonly_fields = ("admitted_at",)
    actions = ("discharge",)

    def save_model(self, request: HttpRequest, obj: Patient, form: Any, change: bool) -> None:
        written = form.cleaned_data
        if change:
            changes = {name: written[name] for name in form.changed_data}
            saved = patients.change(obj.pk, cause=_cause(request), **changes)
        else:
            saved = patients.admit(cause=_cause(request), **written)
        # The admin goes on with the object that it holds.
        obj.pk, obj.version, obj.admitted_at = saved.pk, saved.version, saved.admitted_at

    def has_delete_permission(self, request: HttpRequest, obj: Patient | None = None) -> bool:
        return False

    @admin.action(description="Discharge the selected patients", permissions=["change"])
    def discharge(self, request: HttpRequest, queryset: QuerySet[Patient]) -> None:
        for patient in queryset:
            patients.discharge(patient.pk, _cause(request))
        self.message_user(request, f"Discharged: {len(queryset)}.")


def _cause(request: HttpRequest) -> Cause:
    assert isinstance(request.user, User)  # the site lets nobody else in
    return Cause(request.user, "administration")
