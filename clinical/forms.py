"""The forms of the board's page. They give markup and limits; what is recorded is checked by the services."""

from typing import Any

from django import forms

from clinical.models import Consciousness, Drug
from clinical.plausibility import LIMITS


def _number(label: str, unit: str, measurement: str, *, decimals: bool = False) -> forms.CharField:
    lowest, highest = LIMITS[measurement]
    return forms.CharField(
        label=label,
        required=False,
        help_text=f"{unit}, {lowest}\N{EN DASH}{highest}",
        # Not type=number: a turn of the mouse wheel must not change a value.
        widget=forms.TextInput(
            attrs={"inputmode": "decimal" if decimals else "numeric", "autocomplete": "off", "maxlength": 6}
        ),
    )


def _choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=[*choices, ("", "Not recorded")],
        widget=forms.RadioSelect,
        initial="",
    )


class ObservationForm(forms.Form):
    """One set of observations, in the order in which they are taken at the bedside."""

    use_required_attribute = False

    respiration = _number("Respiration", "a minute", "respiration")
    spo2 = _number("SpO₂", "%", "spo2")
    oxygen = _choice("Air or oxygen", [("air", "Air"), ("oxygen", "Oxygen")])
    systolic = _number("Systolic", "mmHg", "systolic")
    diastolic = _number("Diastolic", "mmHg", "diastolic")
    pulse = _number("Pulse", "a minute", "pulse")
    temperature = _number("Temperature", "°C", "temperature", decimals=True)
    consciousness = _choice(
        "Consciousness (ACVPU)", [(letter, f"{letter} {word}") for letter, word in Consciousness.choices]
    )


class OrderForm(forms.Form):
    """A draft order of a drug of the catalogue."""

    drug = forms.ChoiceField(label="Drug")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(name, name) for name in Drug.objects.values_list("name", flat=True)]
        self.fields["drug"].widget.choices = [("", "Choose a drug"), *names]
