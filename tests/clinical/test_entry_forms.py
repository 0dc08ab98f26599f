"""The form of a set on a page of its own offers what the service takes."""

import uuid

from clinical.entry_forms import CorrectionForm, EntryForm
from clinical.events import ObservationInput
from clinical.models import ObservationSet

VALUES = {"respiration": "18", "oxygen": "oxygen", "temperature": "37.5", "consciousness": "", "pulse": " 0 "}


def test_what_is_typed_becomes_what_the_service_takes() -> None:
    key = uuid.uuid4()
    form = EntryForm(VALUES | {"key": str(key)})
    assert form.is_valid()
    given = form.given()
    assert (given.respiration, given.on_oxygen, str(given.temperature), given.pulse) == (18, True, "37.5", 0)
    assert (given.consciousness, given.spo2, given.measured_at, given.key) == (None, None, None, key)


def test_every_form_that_is_opened_has_a_key_of_its_own() -> None:
    assert EntryForm()["key"].value() != EntryForm()["key"].value()


def test_every_member_of_a_set_can_be_entered() -> None:
    fields = {"on_oxygen" if name == "oxygen" else name for name in EntryForm.base_fields}
    assert fields - {"seen", "answered"} == set(ObservationInput.__struct_fields__)


def test_a_set_that_is_corrected_stands_in_the_form_as_it_was() -> None:
    observation = ObservationSet(pulse=0, on_oxygen=False, consciousness="V", missing_reason="asleep")
    values = CorrectionForm.values_of(observation)
    assert (values["pulse"], values["oxygen"], values["consciousness"]) == (0, "air", "V")
    assert (values["spo2"], values["missing_reason"]) == ("", "asleep")
