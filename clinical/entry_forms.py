"""The forms of sets on pages of their own: what was typed, and what is asked about it."""

import hashlib
import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinical import plausibility
from clinical.events import ObservationInput
from clinical.forms import ObservationForm
from clinical.models import ObservationSet
from clinical.news2 import Measurements, score
from clinical.services.observation_input import LABELS, MEASUREMENTS, InvalidObservation
from clinical.words import decimal, measured

WHOLE = re.compile(r"[0-9]{1,4}")
DECIMAL = re.compile(r"[0-9]{1,3}([.,][0-9]{1,3})?")
OXYGEN = {"air": False, "oxygen": True}
# The form's word for a measurement.
FORM_NAMES = {"on_oxygen": "oxygen"}
NO_REASON = gettext_lazy("It is not said why values are missing. Save without a reason?")


class EntryForm(ObservationForm):
    """A set that is sent to a page. `key` makes it one set however often it is sent."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    # The newest set that the page showed, so that a newer one can be told.
    seen = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)
    # Which questions the person has seen; others are asked anew.
    answered = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, newest: ObservationSet | None = None, **kwargs: Any) -> None:
        self.newest = newest
        hidden = {"key": uuid4(), "seen": "" if newest is None else str(newest.pk)}
        kwargs["initial"] = hidden | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in plausibility.LIMITS:
            cleaned[name] = self._number(name, str(cleaned.get(name) or "").strip())
        return cleaned

    def given(self) -> ObservationInput:
        """What the services take."""
        values = self.cleaned_data
        return ObservationInput(
            **{name: values[name] for name in plausibility.LIMITS},
            on_oxygen=OXYGEN.get(values["oxygen"]),
            consciousness=values["consciousness"] or None,
            missing_reason=values["missing_reason"] or None,
            measured_at=values["measured_at"],
            key=values["key"],
        )

    def questions(self) -> list[str]:
        """What is asked once before the set is saved, in the words of the board's panel."""
        given = self.given()
        asked = [
            _unusual(name, getattr(given, name))
            for name in plausibility.USUAL
            if plausibility.is_unusual(name, getattr(given, name))
        ]
        if given.missing_reason is None and _is_partial(given):
            asked.append(str(NO_REASON))
        if self.newest is not None and not self._knows(self.newest):
            text = _("%(person)s has recorded a set since this form was opened.")
            asked.append(text % {"person": self.newest.recorded_by.display_name})
        return asked

    def unanswered(self) -> list[str]:
        """The questions that the person has not seen yet; from now on they have."""
        asked = self.questions()
        digest = hashlib.sha256("\n".join(asked).encode()).hexdigest()
        if not asked or self.cleaned_data["answered"] == digest:
            return []
        # What the request carries cannot be changed, and the page shows what the form was given.
        self.data = dict(self.data.items()) | {"answered": digest}
        return asked

    def refuse(self, error: InvalidObservation) -> None:
        """Puts the texts of a refused set beside its fields."""
        for name, text in error.errors.items():
            field = FORM_NAMES.get(name, name)
            self.add_error(field if field in self.fields else None, text[0].upper() + text[1:])

    def _knows(self, newest: ObservationSet) -> bool:
        """Whether the set was there when the form was opened, or is the one that it has saved itself."""
        return bool(str(newest.pk) == self.cleaned_data["seen"] or newest.key == self.cleaned_data["key"])

    def _number(self, name: str, text: str) -> int | Decimal | None:
        if not text:
            return None
        if name == "temperature":
            if DECIMAL.fullmatch(text):
                return Decimal(text.replace(",", "."))
            self.add_error(name, _("Give a number such as 37.2."))
        elif WHOLE.fullmatch(text):
            return int(text)
        else:
            self.add_error(name, _("Give a whole number."))
        return None


class CorrectionForm(EntryForm):
    """The whole set as it should have been, or the word that it was never measured of this patient."""

    correction_reason = forms.CharField(
        label=gettext_lazy("Why is it corrected?"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("stays with both versions"),
    )
    withdrawn = forms.BooleanField(
        label=gettext_lazy("Withdraw the set: it was never measured of this patient"), required=False
    )

    @staticmethod
    def values_of(observation: ObservationSet) -> dict[str, Any]:
        """The set as the form shows it."""
        values = {name: getattr(observation, name) for name in MEASUREMENTS}
        oxygen = {False: "air", True: "oxygen"}.get(values.pop("on_oxygen"), "")
        if observation.temperature is not None:
            values["temperature"] = measured(observation.temperature)
        return {name: "" if value is None else value for name, value in values.items()} | {
            "oxygen": oxygen,
            "missing_reason": observation.missing_reason,
        }


def _unusual(name: str, value: int | Decimal) -> str:
    text = _("%(measurement)s %(value)s is unusual. Is that what was measured?")
    return text % {"measurement": LABELS[name], "value": decimal(value)}


def _is_partial(given: ObservationInput) -> bool:
    scored = {name: getattr(given, name) for name in MEASUREMENTS if name != "diastolic"}
    try:
        return score(Measurements(**scored)).total is None
    except plausibility.Implausible:
        return False
