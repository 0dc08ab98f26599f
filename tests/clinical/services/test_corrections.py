"""A correction is a new version; the old one stays, marked, with who and why."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clinical import access
from clinical.models import ObservationSet, Patient
from clinical.services import observations, patients
from clinical.services.corrections import correct, withdraw
from clinical.services.observation_input import Conflict, InvalidObservation
from clinical.services.observations import record
from clinical.services.scoring import Kind
from clinical.services.scoring_decisions import decide
from tests.cast import Cast
from tests.clinical.conftest import admitted
from tests.clinical.services.test_observations import given, last_set

WHY = "Typed into the wrong field"


def test_the_old_version_stays_and_says_what_replaced_it(cast: Cast, patient: Patient) -> None:
    first = record(cast.nurse, patient.pk, given(pulse=131))
    second = correct(cast.doctor, first.set_id, given(pulse=73), WHY)
    old, new = ObservationSet.objects.get(pk=first.set_id), ObservationSet.objects.get(pk=second.set_id)
    assert (old.pulse, old.score, old.recorded_by) == (131, 3, cast.nurse)
    assert old.corrected_by == new
    assert (new.pulse, new.score, new.recorded_by, new.version) == (73, 0, cast.doctor, 2)
    assert (new.correction_reason, new.measured_at) == (WHY, old.measured_at)
    third = correct(cast.nurse, second.set_id, given(pulse=74), WHY)
    assert third.version == 3


def test_the_ward_hears_of_the_new_version(cast: Cast, patient: Patient) -> None:
    first = record(cast.nurse, patient.pk, given(pulse=131))
    second = correct(cast.doctor, first.set_id, given(pulse=73), WHY)
    name, payload = last_set()
    assert (name, payload["version"]) == ("ObservationRecorded", patient.version + 2)
    seen = payload["observation"]
    assert (seen["setId"], seen["version"], seen["score"]["total"]) == (str(second.set_id), 2, 0)
    assert seen["correction"] == {"setId": str(first.set_id), "reason": WHY}
    assert observations.latest_of([patient.pk])[patient.pk].pk == second.set_id


def test_trend_and_due_time_follow_a_correction_of_the_set_before(cast: Cast, patient: Patient) -> None:
    first = record(cast.nurse, patient.pk, given(pulse=131, measured_at=timezone.now() - timedelta(hours=1)))
    record(cast.nurse, patient.pk, given(pulse=95))
    correct(cast.nurse, first.set_id, given(), WHY)
    trend = last_set()[1]["observation"]["trend"]
    assert (trend["direction"], trend["previous"]) == ("up", 0)


def test_a_time_can_be_corrected_too(cast: Cast, patient: Patient) -> None:
    earlier = timezone.now() - timedelta(hours=2)
    record(cast.nurse, patient.pk, given(measured_at=timezone.now() - timedelta(hours=1)))
    wrong = record(cast.nurse, patient.pk, given(pulse=95))
    correct(cast.nurse, wrong.set_id, given(pulse=95, measured_at=earlier), WHY)
    assert last_set()[1]["observation"]["score"]["total"] == 0


def test_a_correction_keeps_what_the_set_was_scored_with(cast: Cast, patient: Patient) -> None:
    first = record(cast.nurse, patient.pk, given(spo2=90))
    decide(cast.doctor, patient.pk, Kind.SPO2_SCALE_2, "Target 88-92 %")
    decide(cast.doctor, patient.pk, Kind.PREGNANT, "32nd week")
    second = correct(cast.nurse, first.set_id, given(spo2=91), WHY)
    assert (second.spo2_scale, second.not_scored, second.score.total) == (1, None, 3)


def test_a_withdrawn_set_counts_for_nothing(cast: Cast, patient: Patient) -> None:
    before = record(cast.nurse, patient.pk, given(measured_at=timezone.now() - timedelta(hours=1)))
    wrong = record(cast.nurse, patient.pk, given(pulse=131))
    answer = withdraw(cast.nurse, wrong.set_id, "Measured of the neighbour")
    assert ObservationSet.objects.get(pk=answer.set_id).withdrawn
    assert last_set()[1]["observation"]["setId"] == str(before.set_id)
    withdraw(cast.nurse, before.set_id, "So was this")
    name, payload = last_set()
    assert (name, payload["row"]["observation"]) == ("PatientChanged", None)
    assert observations.latest_of([patient.pk]) == {}
    assert ObservationSet.objects.count() == 4


def test_of_two_who_correct_the_second_is_told_who_was_first(cast: Cast, patient: Patient) -> None:
    first = record(cast.nurse, patient.pk, given(pulse=131))
    correct(cast.doctor, first.set_id, given(pulse=73), WHY)
    with pytest.raises(Conflict, match=r"^doctor\.icu has corrected this set meanwhile"):
        correct(cast.nurse, first.set_id, given(pulse=74), WHY)
    with pytest.raises(Conflict, match="meanwhile"):
        withdraw(cast.nurse, first.set_id, WHY)
    assert ObservationSet.objects.count() == 2


def test_IN_4_a_correction_that_is_sent_twice_is_made_once(cast: Cast, patient: Patient) -> None:
    first, key = record(cast.nurse, patient.pk, given(pulse=131)), uuid.uuid4()
    answers = [correct(cast.nurse, first.set_id, given(pulse=73, key=key), WHY) for _ in range(2)]
    assert answers[0] == answers[1]
    last, key = answers[0].set_id, uuid.uuid4()
    assert withdraw(cast.nurse, last, WHY, key) == withdraw(cast.nurse, last, WHY, key)
    assert ObservationSet.objects.count() == 3


def test_IN_4_a_key_answers_no_other_correction(cast: Cast, patient: Patient) -> None:
    first, key = record(cast.nurse, patient.pk, given(pulse=131)), uuid.uuid4()
    earlier = first.measured_at - timedelta(hours=1)
    sent = given(pulse=73, key=key, measured_at=earlier)
    made = correct(cast.nurse, first.set_id, sent, WHY)
    for other, reason in (
        (given(pulse=73, key=key, measured_at=first.measured_at), WHY),
        (given(pulse=73, key=key, measured_at=earlier, missing_reason="other"), WHY),
        (sent, "Another reason"),
    ):
        with pytest.raises(Conflict, match="another set"):
            correct(cast.nurse, first.set_id, other, reason)
    with pytest.raises(Conflict, match="another set"):
        withdraw(cast.nurse, first.set_id, WHY, key)
    for again in (sent, given(pulse=73, key=key)):
        assert correct(cast.nurse, first.set_id, again, f" {WHY} ") == made
    key = uuid.uuid4()
    withdraw(cast.nurse, made.set_id, WHY, key)
    with pytest.raises(Conflict, match="another set"):
        withdraw(cast.nurse, made.set_id, "Another reason", key)
    assert ObservationSet.objects.count() == 3


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"pulse": 72}, "", "correction_reason"),
        ({"pulse": 72}, "x" * 201, "correction_reason"),
        ({"pulse": 72}, "a\x00b", "correction_reason"),
        ({}, WHY, ""),
        ({"pulse": 900}, WHY, "pulse"),
        ({"measured_at": timezone.now() + timedelta(days=1)}, WHY, "measured_at"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(
    cast: Cast, patient: Patient, changes: dict[str, Any], reason: str, field: str
) -> None:
    first = record(cast.nurse, patient.pk, given())
    with pytest.raises(InvalidObservation) as caught:
        correct(cast.nurse, first.set_id, given(**changes), reason)
    assert set(caught.value.errors) == {field}
    assert ObservationSet.objects.count() == 1


def test_a_set_of_somebody_else_or_of_another_stay_is_not_there(
    cast: Cast, patient: Patient, patient_elsewhere: Patient
) -> None:
    theirs = record(cast.nurse_of_another_ward, patient_elsewhere.pk, given())
    before = record(cast.nurse, patient.pk, given())
    ward = patient.ward
    assert ward is not None
    patients.discharge(patient.pk)
    patients.move(patient.pk, ward, "4")
    for unknown in (theirs.set_id, before.set_id, uuid.uuid4()):
        with pytest.raises(access.Forbidden, match="not available to you"):
            correct(cast.nurse, unknown, given(pulse=90), WHY)
    mine = record(cast.nurse, admitted(ward, "6").pk, given())
    for user in (cast.pharmacist, cast.admin):
        with pytest.raises(access.Forbidden, match="role"):
            withdraw(user, mine.set_id, WHY)


def test_an_old_set_can_be_corrected_without_its_time(cast: Cast, patient: Patient) -> None:
    first = record(cast.nurse, patient.pk, given(measured_at=timezone.now() - timedelta(days=7, minutes=-1)))
    assert correct(cast.nurse, first.set_id, given(pulse=90), WHY).measured_at == first.measured_at
