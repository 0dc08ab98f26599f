"""Whom stories are told of, and who goes when one of them does not come to its end."""

import uuid
from random import Random

from clinical.demo import casting
from clinical.demo.casting import newcomer
from clinical.models import Patient, Ward
from clinical.services import scoring_decisions, stays
from clinical.services.scoring import Kind
from clinical.services.stays import Place
from tests.cast import Cast
from tests.clinical.alarming import HIGH, WELL, observe
from tests.clinical.conftest import admitted


def test_somebody_who_is_well_and_has_no_alert_deteriorates(cast: Cast, icu: Ward, patient: Patient) -> None:
    ill, never_seen, on_scale_2 = (admitted(icu, bed) for bed in "234")
    observe(cast.nurse, patient, WELL)
    observe(cast.nurse, ill, HIGH)
    # The score is well again, and its alert still open.
    observe(cast.nurse, ill, WELL)
    scoring_decisions.decide(cast.doctor, on_scale_2.pk, Kind.SPO2_SCALE_2, "retains CO2")
    observe(cast.nurse, on_scale_2, WELL)
    chosen = set()
    for seed in range(8):
        found = casting.cast(Random(seed), casting.DETERIORATION, "icu", [])
        assert found is not None
        assert found.scene is not None
        chosen.add(found.scene.patient_id)
    assert chosen == {patient.pk}
    assert casting.cast(Random(3), casting.SEPSIS, "icu", [patient.pk]) is None
    assert never_seen.pk not in chosen


def test_who_comes_gets_the_first_free_bed(cast: Cast, icu: Ward, cardio: Ward) -> None:
    admitted(icu, "1")
    admitted(icu, "3")
    found = casting.cast(Random(3), casting.TRANSFER, "icu", [])
    assert found is not None
    assert found.place == Place("icu", "2")


def test_nobody_is_transferred_where_there_is_one_ward(cast: Cast, icu: Ward) -> None:
    assert casting.cast(Random(3), casting.TRANSFER, "icu", []) is None


def test_the_nurse_whom_visitors_are_keeps_the_charge(cast: Cast, icu: Ward, cardio: Ward) -> None:
    assert casting.cast(Random(3), casting.SHIFT_CHANGE, casting.VISITED, []) is None
    assert casting.cast(Random(3), casting.SHIFT_CHANGE, "cardio", []) is not None
    assert casting.wards() == ["icu", "cardio"]


def test_people_of_a_story_that_was_cut_short_are_sent_home(
    cast: Cast, patient: Patient, cardio: Ward
) -> None:
    left = stays.admit(cast.nurse, Place("icu", "2"), newcomer(1), uuid.uuid4())
    playing = stays.admit(cast.nurse, Place("icu", "3"), newcomer(2), uuid.uuid4())
    casting.send_home(Random(3), [playing.pk])
    here = Patient.objects.filter(ward__isnull=False)
    assert set(here) == {patient, playing}
    assert left not in here
