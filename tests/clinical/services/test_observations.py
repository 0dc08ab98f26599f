"""From a set that somebody enters to what is kept and what the ward hears."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from clinical import access
from clinical.events import ObservationInput
from clinical.models import ObservationSet, Patient
from clinical.services import observations, patients
from clinical.services.observations import InvalidObservation, record
from tests.cast import Cast
from tests.clinical.conftest import told

NORMAL: dict[str, Any] = {
    "respiration": 18,
    "spo2": 97,
    "on_oxygen": False,
    "systolic": 125,
    "diastolic": 70,
    "pulse": 80,
    "consciousness": "A",
    "temperature": Decimal("37.0"),
}


def given(**changes: Any) -> ObservationInput:
    return ObservationInput(**(NORMAL | changes))


def errors_of(user: User, patient: Patient, wanted: ObservationInput) -> dict[str, str]:
    with pytest.raises(InvalidObservation) as caught:
        record(user, patient.pk, wanted)
    assert not ObservationSet.objects.exists()
    return caught.value.errors


def test_a_set_is_kept_as_it_was_given(cast: Cast, patient: Patient) -> None:
    measured_at = timezone.now() - timedelta(minutes=3)
    answer = record(cast.nurse, patient.pk, given(measured_at=measured_at))
    kept = ObservationSet.objects.get(pk=answer.set_id)
    assert {name: getattr(kept, name) for name in NORMAL} == NORMAL
    assert (kept.patient, kept.recorded_by, kept.measured_at, kept.spo2_scale) == (
        patient,
        cast.nurse,
        measured_at,
        1,
    )


def test_the_answer_carries_the_score(cast: Cast, patient: Patient) -> None:
    answer = record(cast.nurse, patient.pk, given(systolic=90, on_oxygen=True))
    assert (answer.score.total, answer.score.band, answer.score.red) == (5, "medium", True)
    assert answer.recorded_by == "nurse.icu"


def test_the_scale_is_the_patients_and_stays_with_the_set(cast: Cast, patient: Patient) -> None:
    before = record(cast.nurse, patient.pk, given(spo2=90, on_oxygen=True))
    patients.change(patient.pk, spo2_scale=2)
    after = record(cast.nurse, patient.pk, given(spo2=90, on_oxygen=True))
    assert [(each.spo2_scale, each.score.total) for each in (before, after)] == [(1, 5), (2, 2)]
    assert observations.summary(ObservationSet.objects.get(pk=before.set_id)).score.total == 5


def test_the_ward_hears_of_the_set(cast: Cast, patient: Patient) -> None:
    answer = record(cast.nurse, patient.pk, given(temperature=Decimal("38.05")))
    name, payload = told("icu")[-1]
    assert name == "ObservationRecorded"
    assert set(payload) == {"patientId", "version", "observation"}
    assert payload["patientId"] == str(patient.pk)
    assert payload["version"] == patient.version + 1
    observation = payload["observation"]
    assert set(observation) == {
        "setId", "measuredAt", "recordedBy", "respiration", "spo2", "spo2Scale", "onOxygen", "systolic",
        "diastolic", "pulse", "consciousness", "temperature", "score",
    }  # fmt: skip
    assert observation["setId"] == str(answer.set_id)
    assert observation["temperature"] == 38.1
    assert set(observation["score"]) == {
        "total", "lowerBound", "red", "band", "parts", "missing", "scale", "version",
    }  # fmt: skip
    assert observation["score"]["parts"]["temperature"] == observation["score"]["total"] == 1


def test_a_screen_shows_the_temperature_that_was_scored(cast: Cast, patient: Patient) -> None:
    """38.05 printed with one decimal would be 38.0 beside the point for 38.1."""
    answer = record(cast.nurse, patient.pk, given(temperature=Decimal("38.05")))
    assert (answer.temperature, answer.score.parts.temperature) == (38.1, 1)
    assert ObservationSet.objects.get(pk=answer.set_id).temperature == Decimal("38.05")


def test_every_set_raises_the_version(cast: Cast, patient: Patient) -> None:
    for expected in (2, 3, 4):
        record(cast.nurse, patient.pk, given())
        patient.refresh_from_db()
        assert patient.version == told("icu")[-1][1]["version"] == expected


def test_a_rolled_back_set_is_never_heard_of(cast: Cast, patient: Patient) -> None:
    before = told("icu")
    with transaction.atomic():
        record(cast.nurse, patient.pk, given())
        transaction.set_rollback(True)
    assert told("icu") == before
    assert not ObservationSet.objects.exists()


def test_a_set_entered_late_does_not_replace_the_newest(cast: Cast, patient: Patient) -> None:
    newest = record(cast.nurse, patient.pk, given(pulse=131))
    late = record(cast.nurse, patient.pk, given(measured_at=timezone.now() - timedelta(hours=2)))
    assert late.score.total == 0
    assert told("icu")[-1][1]["observation"]["setId"] == str(newest.set_id)
    assert observations.latest_of([patient.pk])[patient.pk].pk == newest.set_id


def test_a_set_of_an_earlier_stay_is_not_the_newest(cast: Cast, patient: Patient) -> None:
    ward = patient.ward
    assert ward is not None
    record(cast.nurse, patient.pk, given(measured_at=timezone.now() + timedelta(seconds=60)))
    patients.discharge(patient.pk)
    patients.move(patient.pk, ward, "9")
    assert observations.latest_of([patient.pk]) == {}
    answer = record(cast.nurse, patient.pk, given(pulse=100))
    assert told("icu")[-1][1]["observation"]["setId"] == str(answer.set_id)


def test_what_was_measured_before_the_admission_counts(cast: Cast, patient: Patient) -> None:
    answer = record(cast.nurse, patient.pk, given(measured_at=timezone.now() - timedelta(hours=1)))
    assert observations.latest_of([patient.pk])[patient.pk].pk == answer.set_id


@pytest.mark.parametrize("name", [name for name in NORMAL if name != "diastolic"])
def test_a_partial_set_is_kept_without_a_total(cast: Cast, patient: Patient, name: str) -> None:
    answer = record(cast.nurse, patient.pk, given(**{name: None}))
    assert getattr(answer, name) is None
    assert answer.score.total is None
    assert answer.score.missing == ("oxygen" if name == "on_oxygen" else name,)


def test_a_red_in_a_partial_set_is_told(cast: Cast, patient: Patient) -> None:
    record(cast.nurse, patient.pk, ObservationInput(pulse=131))
    score = told("icu")[-1][1]["observation"]["score"]
    assert (score["total"], score["red"], score["band"]) == (None, True, "low-medium")


def test_zero_is_kept_as_zero(cast: Cast, patient: Patient) -> None:
    answer = record(cast.nurse, patient.pk, given(pulse=0, respiration=0, systolic=0, diastolic=0))
    kept = ObservationSet.objects.get(pk=answer.set_id)
    assert (kept.pulse, kept.respiration, kept.systolic) == (0, 0, 0)
    assert answer.score.total == 9


def test_a_set_without_any_measurement_is_refused(cast: Cast, patient: Patient) -> None:
    assert errors_of(cast.nurse, patient, ObservationInput()) == {"": "Give at least one measurement."}


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"respiration": -1}, "respiration", "must be between 0 and 100."),
        ({"respiration": 10**30}, "respiration", "must be between 0 and 100."),
        ({"spo2": 101}, "spo2", "must be between 0 and 100."),
        ({"systolic": 351}, "systolic", "must be between 0 and 350."),
        ({"diastolic": 251}, "diastolic", "must be between 0 and 250."),
        ({"diastolic": 126}, "diastolic", "must not be above the systolic pressure."),
        ({"pulse": 351}, "pulse", "must be between 0 and 350."),
        ({"temperature": Decimal(370)}, "temperature", "must be between 20 and 45."),
        ({"temperature": Decimal("98.6")}, "temperature", "must be between 20 and 45."),
        ({"temperature": Decimal("NaN")}, "temperature", "must be between 20 and 45."),
        ({"temperature": Decimal("-1E+999999")}, "temperature", "must be between 20 and 45."),
        ({"temperature": Decimal("38.049")}, "temperature", "must have at most two decimals."),
        (
            {"temperature": Decimal("37." + "0" * 5000 + "1")},
            "temperature",
            "must have at most two decimals.",
        ),
    ],
)
def test_what_no_patient_can_have_is_refused_by_name(
    cast: Cast, patient: Patient, changes: dict[str, Any], field: str, text: str
) -> None:
    assert errors_of(cast.nurse, patient, given(**changes)) == {field: text}


def test_all_errors_are_told_at_once_in_words(cast: Cast, patient: Patient) -> None:
    with pytest.raises(InvalidObservation) as caught:
        record(cast.nurse, patient.pk, given(spo2=970, pulse=800))
    assert str(caught.value) == "SpO2 must be between 0 and 100. Pulse must be between 0 and 350."


@pytest.mark.parametrize(
    ("ahead", "text"),
    [
        (timedelta(minutes=3), "must not be in the future."),
        (timedelta(days=3650), "must not be in the future."),
        (timedelta(days=-8), "must not be more than 7 days ago."),
    ],
)
def test_a_time_that_cannot_be_is_refused(cast: Cast, patient: Patient, ahead: timedelta, text: str) -> None:
    wrong = given(measured_at=timezone.now() + ahead)
    assert errors_of(cast.nurse, patient, wrong) == {"measured_at": text}


def test_a_time_without_its_zone_is_refused(cast: Cast, patient: Patient) -> None:
    naive = timezone.now().replace(tzinfo=None)
    assert errors_of(cast.nurse, patient, given(measured_at=naive)) == {"measured_at": "needs a time zone."}


def test_a_clock_that_runs_a_little_ahead_is_accepted(cast: Cast, patient: Patient) -> None:
    ahead = timezone.now() + timedelta(seconds=90)
    assert record(cast.nurse, patient.pk, given(measured_at=ahead)).measured_at == ahead


def test_a_set_shows_though_the_clock_is_behind_that_of_the_admission(cast: Cast, patient: Patient) -> None:
    Patient.objects.update(admitted_at=timezone.now() + timedelta(minutes=2))
    answer = record(cast.nurse, patient.pk, given())
    assert observations.latest_of([patient.pk])[patient.pk].pk == answer.set_id


def test_doctors_and_nurses_of_the_ward_record_and_nobody_else(cast: Cast, patient: Patient) -> None:
    record(cast.doctor, patient.pk, given())
    for user in (cast.pharmacist, cast.admin, cast.visitor, cast.deactivated):
        with pytest.raises(access.Forbidden, match="role"):
            record(user, patient.pk, given())
    for user in (cast.nurse_of_another_ward, cast.doctor_of_another_ward):
        with pytest.raises(access.Forbidden, match="not on a ward"):
            record(user, patient.pk, given())
    assert ObservationSet.objects.count() == 1


def test_an_unknown_patient_is_refused_like_one_elsewhere(cast: Cast, patient: Patient) -> None:
    with pytest.raises(access.Forbidden, match="not on a ward"):
        record(cast.nurse, uuid.uuid4(), given())


def test_recording_costs_the_same_whatever_was_recorded_before(
    cast: Cast, patient: Patient, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        with django_assert_max_num_queries(10):
            record(cast.nurse, patient.pk, given())


def test_LG_3_a_set_is_never_changed_or_deleted(cast: Cast, patient: Patient) -> None:
    kept = ObservationSet.objects.get(pk=record(cast.nurse, patient.pk, given()).set_id)
    kept.pulse = 10
    with pytest.raises(TypeError, match="never changed"):
        kept.save()
    with pytest.raises(TypeError, match="never changed"):
        ObservationSet.objects.update(pulse=10)
    with pytest.raises(TypeError, match="never deleted"):
        kept.delete()
    with pytest.raises(TypeError, match="never deleted"):
        ObservationSet.objects.all().delete()
