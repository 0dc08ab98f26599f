"""From a set that somebody enters to what is kept and what the ward hears."""

import uuid
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from django.db import connection, transaction
from django.utils import timezone

from clinical import access
from clinical.events import ObservationInput
from clinical.models import ObservationSet, Patient, Ward
from clinical.services import observations, patients
from clinical.services.frequency_decisions import prescribe
from clinical.services.observation_input import Conflict
from clinical.services.observations import record
from clinical.services.scoring import Kind
from clinical.services.scoring_decisions import decide
from tests.cast import Cast
from tests.clinical.conftest import admitted, told

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


def last_set() -> tuple[str, dict[str, Any]]:
    """The last event that told the ward of a set; alerts are events of their own."""
    return [each for each in told("icu") if not each[0].startswith("Alert")][-1]


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


def test_the_scale_is_the_prescribed_one_and_stays_with_the_set(cast: Cast, patient: Patient) -> None:
    before = record(cast.nurse, patient.pk, given(spo2=90, on_oxygen=True))
    decide(cast.doctor, patient.pk, Kind.SPO2_SCALE_2, "Target 88-92 %")
    after = record(cast.nurse, patient.pk, given(spo2=90, on_oxygen=True))
    assert [(each.spo2_scale, each.score.total) for each in (before, after)] == [(1, 5), (2, 2)]
    assert observations.summary(ObservationSet.objects.get(pk=before.set_id)).score.total == 5


def test_the_ward_hears_of_the_set(cast: Cast, patient: Patient) -> None:
    answer = record(cast.nurse, patient.pk, given(temperature=Decimal("38.05")))
    name, payload = last_set()
    assert name == "ObservationRecorded"
    assert set(payload) == {"patientId", "version", "observation"}
    assert payload["patientId"] == str(patient.pk)
    assert payload["version"] == patient.version + 1
    observation = payload["observation"]
    assert set(observation) == {
        "setId", "measuredAt", "recordedBy", "respiration", "spo2", "spo2Scale", "onOxygen", "systolic",
        "diastolic", "pulse", "consciousness", "temperature", "score", "dueAt", "intervalMinutes",
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
        assert patient.version == last_set()[1]["version"] == expected


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
    assert last_set()[1]["observation"]["setId"] == str(newest.set_id)
    assert observations.latest_of([patient.pk])[patient.pk].pk == newest.set_id


def test_a_set_of_an_earlier_stay_is_not_the_newest(cast: Cast, patient: Patient) -> None:
    ward = patient.ward
    assert ward is not None
    record(cast.nurse, patient.pk, given(measured_at=timezone.now() + timedelta(seconds=60)))
    patients.discharge(patient.pk)
    patients.move(patient.pk, ward, "9")
    assert observations.latest_of([patient.pk]) == {}
    answer = record(cast.nurse, patient.pk, given(pulse=100))
    assert last_set()[1]["observation"]["setId"] == str(answer.set_id)


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
    score = last_set()[1]["observation"]["score"]
    assert (score["total"], score["red"], score["band"]) == (None, True, "low-medium")


def test_zero_is_kept_as_zero(cast: Cast, patient: Patient) -> None:
    answer = record(cast.nurse, patient.pk, given(pulse=0, respiration=0, systolic=0, diastolic=0))
    kept = ObservationSet.objects.get(pk=answer.set_id)
    assert (kept.pulse, kept.respiration, kept.systolic) == (0, 0, 0)
    assert answer.score.total == 9


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
        with pytest.raises(access.Forbidden, match="not available to you"):
            record(user, patient.pk, given())
    assert ObservationSet.objects.count() == 1


def test_an_unknown_patient_is_refused_like_one_elsewhere(cast: Cast, patient: Patient) -> None:
    with pytest.raises(access.Forbidden, match="not available to you"):
        record(cast.nurse, uuid.uuid4(), given())


def test_recording_costs_twelve_queries_at_the_most(
    cast: Cast, patient: Patient, django_assert_max_num_queries: Any
) -> None:
    """Those of a set that raises an alert included; the two of the savepoint are the test's own."""
    prescribe(cast.doctor, patient.pk, 240, "Always so", timezone.now() + timedelta(hours=9))
    sets = [given(key=uuid.uuid4()), given(key=uuid.uuid4(), pulse=None), given(key=uuid.uuid4(), pulse=95)]
    for wanted in [*sets, given(key=uuid.uuid4(), pulse=131, respiration=25)]:
        with django_assert_max_num_queries(12 + 2):
            record(cast.nurse, patient.pk, wanted)


def test_a_set_carries_its_score_for_whoever_searches(cast: Cast, patient: Patient) -> None:
    record(cast.nurse, patient.pk, given(systolic=90, on_oxygen=True))
    record(cast.nurse, patient.pk, ObservationInput(pulse=131, missing_reason="refused"))
    partial, complete = ObservationSet.objects.all()
    assert (complete.score, complete.has_red, complete.band) == (5, True, "medium")
    assert (partial.score, partial.has_red, partial.band) == (None, True, "low-medium")
    assert (complete.missing_reason, partial.missing_reason) == ("", "refused")


def test_the_next_set_is_due_so_long_after_the_measurement(cast: Cast, patient: Patient) -> None:
    measured_at = timezone.now() - timedelta(minutes=40)
    answer = record(cast.nurse, patient.pk, given(spo2=95, measured_at=measured_at))
    assert (answer.due_at, answer.interval_minutes) == (measured_at + timedelta(hours=4), 240)
    assert last_set()[1]["observation"]["intervalMinutes"] == 240


def test_the_trend_is_against_the_last_complete_set(cast: Cast, patient: Patient) -> None:
    ago = [timezone.now() - timedelta(minutes=minutes) for minutes in (40, 30, 20, 10)]
    first = record(cast.nurse, patient.pk, given(spo2=95, measured_at=ago[0]))
    partial = record(cast.nurse, patient.pk, given(pulse=None, measured_at=ago[1]))
    third = record(cast.nurse, patient.pk, given(pulse=131, measured_at=ago[2]))
    fourth = record(cast.nurse, patient.pk, given(pulse=131, measured_at=ago[3]))
    assert (first.trend, partial.trend) == (None, None)
    assert third.trend is not None
    assert (third.trend.direction, third.trend.previous, third.trend.since) == ("up", 1, ago[0])
    assert fourth.trend is not None
    assert (fourth.trend.direction, fourth.trend.previous) == ("same", 3)
    down = record(cast.nurse, patient.pk, given())
    assert down.trend is not None
    assert down.trend.direction == "down"


def test_there_is_no_trend_across_a_change_of_the_scale(cast: Cast, patient: Patient) -> None:
    record(cast.nurse, patient.pk, given(spo2=90))
    decide(cast.doctor, patient.pk, Kind.SPO2_SCALE_2, "Target 88-92 %")
    assert record(cast.nurse, patient.pk, given(spo2=90)).trend is None
    assert record(cast.nurse, patient.pk, given(spo2=90)).trend is not None


def test_who_is_not_scored_has_values_and_no_points(cast: Cast, patient: Patient) -> None:
    decide(cast.doctor, patient.pk, Kind.PREGNANT, "32nd week")
    answer = record(cast.nurse, patient.pk, given(pulse=140))
    assert (answer.not_scored, answer.pulse) == ("pregnant", 140)
    assert (answer.score.total, answer.score.band, answer.score.red) == (None, "not-scored", False)
    assert set(msgspec.structs.astuple(answer.score.parts)) == {None}
    assert (answer.due_at, answer.trend) == (None, None)
    kept = ObservationSet.objects.get()
    assert (kept.score, kept.has_red, kept.not_scored) == (None, False, "pregnant")


def test_a_child_is_not_scored(cast: Cast, icu: Ward) -> None:
    child = admitted(icu, "8", born_on=timezone.localdate() - timedelta(days=15 * 365))
    assert record(cast.nurse, child.pk, given()).not_scored == "under-16"


def test_IN_4_the_same_key_records_one_set_and_answers_it_again(cast: Cast, patient: Patient) -> None:
    wanted = given(key=uuid.uuid4())
    first = record(cast.nurse, patient.pk, wanted)
    heard = told("icu")
    assert record(cast.nurse, patient.pk, wanted) == first
    assert ObservationSet.objects.count() == 1
    assert told("icu") == heard


def test_IN_4_a_key_is_one_users_and_another_set_under_it_is_refused(cast: Cast, patient: Patient) -> None:
    wanted = given(key=uuid.uuid4())
    record(cast.nurse, patient.pk, wanted)
    record(cast.doctor, patient.pk, wanted)
    assert ObservationSet.objects.count() == 2
    with pytest.raises(Conflict, match="another set"):
        record(cast.nurse, patient.pk, given(key=wanted.key, pulse=81))
    assert patient.ward is not None
    neighbour = admitted(patient.ward, "7", mrn="A7")
    with pytest.raises(Conflict, match="another set"):
        record(cast.nurse, neighbour.pk, wanted)
    assert ObservationSet.objects.count() == 2


@pytest.mark.parametrize("ago", [None, timedelta(minutes=10, microseconds=7)])
def test_IN_4_a_key_answers_no_set_of_another_time_or_for_another_reason(
    cast: Cast, patient: Patient, ago: timedelta | None
) -> None:
    """What is answered as saved and is not would be missing from the record."""
    at = None if ago is None else (timezone.now() - ago).astimezone(ZoneInfo("Asia/Kathmandu"))
    sent = given(key=uuid.uuid4(), pulse=None, measured_at=at, missing_reason="asleep")
    first = record(cast.nurse, patient.pk, sent)
    for changes in (
        {"measured_at": timezone.now() - timedelta(hours=2)},
        {"missing_reason": "refused"},
        {"missing_reason": None},
    ):
        with pytest.raises(Conflict, match="another set"):
            record(cast.nurse, patient.pk, msgspec.structs.replace(sent, **changes))
    # Who sends it once more need not know when the first one arrived; the instant counts, not its zone.
    for measured_at in (at, None, first.measured_at):
        again = msgspec.structs.replace(sent, measured_at=measured_at)
        assert record(cast.nurse, patient.pk, again).set_id == first.set_id
    assert ObservationSet.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_IN_4_one_key_at_one_moment_is_one_set_for_one_patient(cast: Cast, icu: Ward) -> None:
    """Two clicks that two workers take, and a third one of a form that was copied to another patient."""
    first, second = admitted(icu, "1"), admitted(icu, "2")
    wanted, barrier = given(key=uuid.uuid4()), Barrier(3)
    outcomes: list[tuple[Patient, UUID | None]] = []

    def send(patient: Patient) -> None:
        try:
            barrier.wait()
            outcomes.append((patient, record(cast.nurse, patient.pk, wanted).set_id))
        except Conflict:
            outcomes.append((patient, None))
        finally:
            connection.close()

    threads = [Thread(target=send, args=(patient,)) for patient in (first, first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = ObservationSet.objects.get()
    assert len(outcomes) == 3
    assert all(set_id == (kept.pk if patient == kept.patient else None) for patient, set_id in outcomes)


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
