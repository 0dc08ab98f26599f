"""The forms of a ward's staff: who works here, who lies where. Services decide, forms keep what was typed."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clinical.models import Assignment, Ward
from clinical.models.patients import is_birthday, is_code
from clinical.plausibility import YEARS

if TYPE_CHECKING:
    # Only the stubs have it.
    from django.utils.functional import _StrPromise

DATE_AND_TIME = "%Y-%m-%dT%H:%M"


class OnceForm(forms.Form):
    """Carries a key of its own, by which a service knows the second click on its button."""

    use_required_attribute = False

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def take(self, errors: Mapping[str, str]) -> None:
        """Shows what a service has refused, each at its field."""
        for name, text in errors.items():
            self.add_error(name if name in self.fields else None, text)


def _text(label: "str | _StrPromise", longest: int, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=longest, widget=forms.TextInput(attrs={"autocomplete": "off"}), **more
    )


def time_field(label: "str | _StrPromise", **more: Any) -> forms.DateTimeField:
    """A date and a time, as browsers send them."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=DATE_AND_TIME)
    return forms.DateTimeField(label=label, widget=widget, validators=[_can_be], **more)


def _can_be(moment: datetime) -> None:
    if moment.year not in YEARS:
        raise forms.ValidationError(forms.DateTimeField.default_error_messages["invalid"])


class AssignmentForm(OnceForm):
    """Who shall see the ward, as what, from when and until when."""

    user = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"list": "staff", "autocomplete": "off", "autocapitalize": "none"}),
    )
    kind = forms.ChoiceField(label=_("As"), choices=Assignment.Kind.choices, initial=Assignment.Kind.SHIFT)
    in_charge = forms.ChoiceField(
        label=_("In charge of the ward"), choices=[("", _("no")), ("yes", _("yes"))], required=False
    )
    begins_at = time_field(_("From"), required=False, help_text=_("Empty for now."))
    ends_at = time_field(_("Until"), required=False, help_text=_("Empty for a home only."))
    reason = _text(_("Reason"), 200)

    def __init__(self, *args: Any, may_put_in_charge: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_put_in_charge:
            del self.fields["in_charge"]

    def clean_user(self) -> User:
        user = User.objects.filter(username=self.cleaned_data["user"].strip()).first()
        if user is None:
            raise forms.ValidationError(_("Nobody has this user name."))
        return user

    def clean_begins_at(self) -> datetime:
        return self.cleaned_data["begins_at"] or timezone.now()

    def wanted(self, ward: Ward) -> Assignment:
        """The assignment that the form describes, not written yet."""
        given = self.cleaned_data
        return Assignment(
            id=given["key"],
            user=given["user"],
            ward=ward,
            kind=given["kind"],
            in_charge=bool(given.get("in_charge")),
            begins_at=given["begins_at"],
            ends_at=given["ends_at"],
            reason=given["reason"],
        )


class EndForm(forms.Form):
    """The end of an assignment: now, or at the time that is given."""

    ends_at = time_field(_("Until"), required=False)


class BedForm(OnceForm):
    """A bed, typed as it stands on the wall."""

    bed = _text(_("Bed"), 10, validators=[is_code])


class AdmissionForm(BedForm):
    """Somebody who comes to the ward."""

    mrn = _text(_("Medical record number"), 20, validators=[is_code])
    family_name = _text(_("Family name"), 100)
    given_name = _text(_("Given name"), 100)
    born_on = forms.DateField(
        label=_("Date of birth"),
        validators=[is_birthday],
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off"}, format="%Y-%m-%d"),
    )


class SeenForm(OnceForm):
    """Says in which bed the page showed the patient: another one by now means that somebody was first."""

    seen = forms.CharField(max_length=10, widget=forms.HiddenInput)


class TransferForm(BedForm, SeenForm):
    """Another bed, here or on another ward."""

    ward = forms.ChoiceField(label=_("Ward"))
    field_order = ("key", "seen", "ward", "bed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["ward"]
        assert isinstance(field, forms.ChoiceField), "as it is declared above"
        field.choices = [(ward.pk, ward.name) for ward in Ward.objects.all()]


class SwapForm(BedForm, SeenForm):
    """The bed of the patient to swap with."""


class DischargeForm(SeenForm):
    """The end of a stay."""

    reason = _text(_("Where to"), 200, required=False, help_text=_("Home, another hospital, died."))
