"""Beds and particulars, and what the wards concerned hear."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from clinical.events import ObservationInput
from clinical.models import Drug, Patient, Ward
from clinical.services import observations, orders, patients
from clinical.services.patients import InvalidPatient
from tests.cast import Cast
from tests.clinical.conftest import admitted, told


def test_an_admission_is_told_to_the_ward(icu: Ward) -> None:
    patient = admitted(icu, "3", mrn="X7", given_name="Ada", family_name="Byron")
    [(name, payload)] = told("icu")
    assert name == "PatientChanged"
    assert payload["row"] == {
        "patientId": str(patient.pk),
        "bed": "3",
        "name": "BYRON, Ada",
        "mrn": "X7",
        "bornOn": "1960-12-10",
        "version": 1,
        "observation": None,
        "draftOrders": [],
    }


def test_a_move_is_told_to_both_wards(patient: Patient, cardio: Ward) -> None:
    patients.move(patient.pk, cardio, "5")
    assert told("icu")[-1] == ("PatientLeft", {"patientId": str(patient.pk), "version": 2})
    name, payload = told("cardio")[-1]
    assert (name, payload["row"]["bed"], payload["row"]["version"]) == ("PatientChanged", "5", 2)


def test_a_moved_patient_brings_observation_and_drafts(
    cast: Cast, patient: Patient, cardio: Ward, drug: Drug
) -> None:
    observations.record(cast.nurse, patient.pk, ObservationInput(pulse=131))
    orders.draft(cast.doctor, patient.pk, drug.name)
    patients.move(patient.pk, cardio, "5")
    [row] = [payload["row"] for name, payload in told("cardio") if name == "PatientChanged"]
    assert row["observation"]["pulse"] == 131
    assert [order["drugName"] for order in row["draftOrders"]] == ["Paracetamol"]
    assert row["version"] == 4


def test_a_change_of_bed_leaves_nobody(patient: Patient, icu: Ward) -> None:
    patients.move(patient.pk, icu, "7")
    names = [name for name, _ in told("icu")]
    assert names == ["PatientChanged", "PatientChanged"]
    assert told("icu")[-1][1]["row"]["bed"] == "7"


def test_a_new_name_is_told(patient: Patient) -> None:
    patients.change(patient.pk, family_name="King")
    assert told("icu")[-1][1]["row"]["name"] == "KING, Ada"


def test_a_discharge_is_told_and_frees_the_bed(patient: Patient, icu: Ward) -> None:
    patients.discharge(patient.pk)
    assert told("icu")[-1] == ("PatientLeft", {"patientId": str(patient.pk), "version": 2})
    assert admitted(icu, patient.bed, mrn="next").bed == "1"


def test_a_change_after_discharge_is_told_to_nobody(patient: Patient) -> None:
    patients.discharge(patient.pk)
    before = told("icu")
    patients.change(patient.pk, given_name="Augusta")
    assert told("icu") == before


def test_moving_keeps_the_stay_and_coming_back_begins_another(
    patient: Patient, icu: Ward, cardio: Ward
) -> None:
    begun = patient.admitted_at
    assert patients.move(patient.pk, cardio, "2").admitted_at == begun
    patients.discharge(patient.pk)
    again = patients.move(patient.pk, icu, "2").admitted_at
    assert begun is not None
    assert again is not None
    assert again > begun


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"bed": "1"}, ""),
        ({"mrn": "A1"}, "mrn"),
        ({"mrn": ""}, "mrn"),
        ({"mrn": "x" * 21}, "mrn"),
        ({"mrn": "A 1"}, "mrn"),
        ({"bed": "x" * 11}, "bed"),
        ({"bed": "2\n"}, "bed"),
        ({"bed": ""}, ""),
        ({"given_name": ""}, "given_name"),
        ({"family_name": "x" * 101}, "family_name"),
        ({"born_on": None}, "born_on"),
        ({"born_on": "yesterday"}, "born_on"),
        ({"born_on": date(1600, 1, 1)}, "born_on"),
        ({"born_on": timezone.localdate() + timedelta(days=1)}, "born_on"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    patient: Patient, icu: Ward, changes: dict[str, Any], field: str
) -> None:
    before = told("icu")
    with pytest.raises(InvalidPatient) as caught:
        admitted(icu, **({"bed": "2", "mrn": "A2"} | changes))
    assert set(caught.value.errors) == {field}
    assert told("icu") == before


def test_a_taken_bed_is_told_in_words(patient: Patient, icu: Ward) -> None:
    with pytest.raises(InvalidPatient, match=r"^This bed is taken\.$"):
        admitted(icu, "1", mrn="A2")


def test_children_are_admitted_too(icu: Ward) -> None:
    """Only their score is not made."""
    assert admitted(icu, "2", born_on=timezone.localdate()).version == 1


def test_a_refused_move_changes_nothing(patient: Patient, patient_elsewhere: Patient, cardio: Ward) -> None:
    with pytest.raises(InvalidPatient):
        patients.move(patient.pk, cardio, patient_elsewhere.bed)
    patient.refresh_from_db()
    assert (patient.ward_id, patient.version) == ("icu", 1)


def test_only_what_is_a_particular_can_be_changed(patient: Patient) -> None:
    with pytest.raises(TypeError, match="version"):
        patients.change(patient.pk, version=99)


def test_the_database_itself_holds_one_patient_a_bed(patient: Patient, icu: Ward) -> None:
    stranger = admitted(icu, "2")
    with pytest.raises(IntegrityError), transaction.atomic():
        Patient.objects.filter(pk=stranger.pk).update(bed="1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Patient.objects.filter(pk=stranger.pk).update(ward=None)


def test_a_bed_taken_between_check_and_write_is_refused_in_words(
    patient: Patient, icu: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Patient, "full_clean", lambda self: None)
    with pytest.raises(InvalidPatient, match="taken a moment ago"):
        admitted(icu, "1", mrn="A2")
