"""What cannot be is refused by name and in words, and nothing is kept of it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from clinical.events import ObservationInput
from clinical.models import ObservationSet, Patient
from clinical.plausibility import LIMITS, USUAL, is_unusual
from clinical.services.observation_input import InvalidObservation
from clinical.services.observations import record
from tests.cast import Cast
from tests.clinical.services.test_observations import given


def errors_of(user: User, patient: Patient, wanted: ObservationInput) -> dict[str, str]:
    with pytest.raises(InvalidObservation) as caught:
        record(user, patient.pk, wanted)
    assert not ObservationSet.objects.exists()
    return caught.value.errors


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
        (
            {"temperature": Decimal("98.6")},
            "temperature",
            "must be between 20 and 45 degrees Celsius, and looks like Fahrenheit.",
        ),
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


def test_what_is_unusual_lies_between_what_is_usual_and_what_cannot_be() -> None:
    for name, (least, most) in USUAL.items():
        lowest, highest = LIMITS[name]
        usual, unusual = (least, most), {lowest, highest, least - 1, most + 1} & {*range(lowest, highest + 1)}
        assert not any(is_unusual(name, value) for value in (*usual, lowest - 1, highest + 1))
        assert all(is_unusual(name, value) for value in unusual - {*usual})
    assert not is_unusual("pulse", None)
    assert not is_unusual("consciousness", 3)


def test_what_is_unusual_is_recorded_all_the_same(cast: Cast, patient: Patient) -> None:
    """A program has nobody to ask; a person is asked by the form."""
    assert record(cast.nurse, patient.pk, given(pulse=220)).pulse == 220
