"""Wards, patients and the drug catalogue in the admin site; patients change through the services."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from clinical.models import Drug, Patient, Ward
from clinical.services import patients


@admin.register(Ward)
class WardAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes none at run time
    list_display = ("name", "id")
    search_fields = ("name", "id")

    def get_readonly_fields(self, request: HttpRequest, obj: Ward | None = None) -> tuple[str, ...]:
        # The slug is the key, the feed's name and the department of its staff.
        return () if obj is None else ("id",)


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
class PatientAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # takes none at run time
    """Admits with a ward and a bed, moves by changing them, discharges by an action; never deletes."""

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
            saved = patients.change(obj.pk, **{name: written[name] for name in form.changed_data})
        else:
            saved = patients.admit(**written)
        # The admin goes on with the object that it holds.
        obj.pk, obj.version, obj.admitted_at = saved.pk, saved.version, saved.admitted_at

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except patients.InvalidPatient as error:
            # Valid when the form was checked, and no longer when it was written.
            self.message_user(request, str(error), messages.ERROR)
            return redirect(request.path)

    def has_delete_permission(self, request: HttpRequest, obj: Patient | None = None) -> bool:
        return False

    @admin.action(description="Discharge the selected patients", permissions=["change"])
    def discharge(self, request: HttpRequest, queryset: QuerySet[Patient]) -> None:
        for patient in queryset:
            patients.discharge(patient.pk)
        self.message_user(request, f"Discharged: {len(queryset)}.")
