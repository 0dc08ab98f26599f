"""The forms of the board's page. They give markup and limits; what is recorded is checked by the services."""

from functools import cache
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from clinical.models import Drug
from clinical.plausibility import LIMITS, USUAL
from clinical.ward_forms import time_field
from clinical.words import CONSCIOUSNESS, MISSING_REASONS


def _number(label: Any, unit: Any, measurement: str, *, decimals: bool = False) -> forms.CharField:
    lowest, highest = LIMITS[measurement]
    least, most = USUAL[measurement]
    return forms.CharField(
        label=label,
        required=False,
        help_text=format_lazy("{}, {}\N{EN DASH}{}", unit, lowest, highest),
        # Not type=number: a turn of the mouse wheel must not change a value.
        widget=forms.TextInput(
            attrs={
                "inputmode": "decimal" if decimals else "numeric",
                "autocomplete": "off",
                "maxlength": 6,
                # Beyond these a person is asked once.
                "data-usual-least": least,
                "data-usual-most": most,
                "data-least": lowest,
                "data-most": highest,
            }
        ),
    )


def _choice(label: Any, choices: list[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=[*choices, ("", _("Not recorded"))],
        widget=forms.RadioSelect,
        initial="",
    )


class ObservationForm(forms.Form):
    """One set of observations, in the order in which they are taken at the bedside.

    Nothing is filled in beforehand but the time, which is now: a value that nobody has measured would look
    like one that somebody has.
    """

    use_required_attribute = False

    respiration = _number(_("Respiration"), _("a minute"), "respiration")
    spo2 = _number(_("SpO₂"), "%", "spo2")
    oxygen = _choice(_("Air or oxygen"), [("air", _("Air")), ("oxygen", _("Oxygen"))])
    systolic = _number(_("Systolic"), "mmHg", "systolic")
    diastolic = _number(_("Diastolic"), "mmHg", "diastolic")
    pulse = _number(_("Pulse"), _("a minute"), "pulse")
    temperature = _number(_("Temperature"), "°C", "temperature", decimals=True)
    consciousness = _choice(
        _("Consciousness (ACVPU)"),
        [(letter, format_lazy("{} {}", letter, word)) for letter, word in CONSCIOUSNESS.items()],
    )
    missing_reason = forms.ChoiceField(
        label=_("Why values are missing"),
        required=False,
        choices=[("", _("Not said")), *MISSING_REASONS.items()],
    )
    measured_at = time_field(_("Measured at"), required=False, help_text=_("empty is now"))


@cache
def blank_observation_fields(language: str | None) -> str:
    """The markup of an empty set, in the language that is active: drawing it was a tenth of the board."""
    return render_to_string("clinical/_observation_fields.html", {"form": ObservationForm()})


class OrderForm(forms.Form):
    """A draft order of a drug of the catalogue."""

    drug = forms.ChoiceField(label=_("Drug"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(name, name) for name in Drug.objects.values_list("name", flat=True)]
        self.fields["drug"].widget.choices = [("", _("Choose a drug")), *names]
