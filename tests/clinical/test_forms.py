"""The forms offer what the hub takes, no more and no less."""

from django.utils import translation

from clinical.events import ObservationInput
from clinical.forms import ObservationForm, OrderForm, blank_observation_fields
from clinical.models import Consciousness, Drug
from clinical.plausibility import LIMITS

# The form's word for a measurement.
NAMES = {"oxygen": "on_oxygen"}


def test_every_measurement_that_the_hub_takes_has_a_field() -> None:
    fields = {NAMES.get(name, name) for name in ObservationForm().fields}
    assert fields == set(ObservationInput.__struct_fields__) - {"key"}


def test_a_field_tells_the_limits_of_the_services() -> None:
    form = ObservationForm()
    for name, (lowest, highest) in LIMITS.items():
        assert form.fields[name].help_text.endswith(f"{lowest}\N{EN DASH}{highest}")


def test_nothing_is_chosen_beforehand() -> None:
    form = ObservationForm()
    assert [name for name, field in form.fields.items() if field.initial] == []
    assert '<input type="radio" name="oxygen" value="" id="id_oxygen_2" checked>' in str(form["oxygen"])


def test_all_letters_of_acvpu_can_be_chosen() -> None:
    choices = dict(ObservationForm().fields["consciousness"].choices)  # type: ignore[attr-defined]
    assert set(choices) == {*Consciousness.values, ""}


def test_the_catalogue_is_offered_in_its_order(db: None) -> None:
    for name in ("Morphine", "Amoxicillin"):
        Drug.objects.create(name=name)
    options = [value for value, _ in OrderForm().fields["drug"].widget.choices]
    assert options == ["", "Amoxicillin", "Morphine"]


def test_an_empty_set_is_drawn_in_the_language_of_who_asks() -> None:
    drawn = {}
    for language in ("en", "de", "en"):
        with translation.override(language):
            drawn[language] = blank_observation_fields(language)
    assert "Measured at" in drawn["en"]
    assert "Gemessen" in drawn["de"]
    assert "Measured at" not in drawn["de"]
