"""How stories follow each other on the wards."""

import logging
from random import Random

import pytest

from clinical.demo.casting import DETERIORATION, LOST_SENSOR, SHIFT_CHANGE, STORIES, TRANSFER
from clinical.demo.stage import Stage
from clinical.models import Drug, ObservationSet, Patient, Ward
from clinical.services import patients
from tests.cast import Cast
from tests.clinical.alarming import WELL, observe
from tests.clinical.wall_clock import WallClock


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def stage(wall_clock: WallClock, cast: Cast, patient: Patient, cardio: Ward, said: list[str]) -> Stage:
    Drug.objects.create(name="Amoxicillin")
    observe(cast.nurse, patient, WELL)
    return Stage(Random(3), 60, [DETERIORATION, TRANSFER, LOST_SENSOR], said.append)


def run(stage: Stage, clock: WallClock, seconds: int) -> None:
    for _ in range(seconds):
        stage.step(clock.now)
        clock.let_pass(1)


def test_the_first_begins_at_once_where_visitors_are_and_the_next_elsewhere(
    stage: Stage, wall_clock: WallClock, said: list[str]
) -> None:
    run(stage, wall_clock, 21)
    assert said == [
        "08:00 bed 1 (Intensive Care): deterioration begins",
        "08:00 bed 1 (Cardiology): transfer begins",
    ]
    assert stage.recorded == ObservationSet.objects.count() - 1 > 3
    # Both wards are busy, so that the third waits for one of them.
    run(stage, wall_clock, 30)
    assert len(said) == 2
    run(stage, wall_clock, 60)
    assert said[2].endswith("(Cardiology): lost sensor begins")


def test_no_name_of_a_patient_is_said(stage: Stage, wall_clock: WallClock, said: list[str]) -> None:
    run(stage, wall_clock, 120)
    names = {word for each in Patient.objects.all() for word in (each.family_name, each.given_name, each.mrn)}
    assert not any(name in line for name in names for line in said)


def test_a_story_whose_patient_is_taken_away_is_one_line_and_the_next_comes(
    stage: Stage,
    wall_clock: WallClock,
    patient: Patient,
    said: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    run(stage, wall_clock, 2)
    assert stage.patients == {patient.pk}
    patients.discharge(patient.pk)
    with caplog.at_level(logging.WARNING, "clinical"):
        run(stage, wall_clock, 80)
    lines = [record.getMessage() for record in caplog.records if record.name == "clinical"]
    assert lines == ["simulation: deterioration ends early: Forbidden"]
    assert len(said) > 2


def test_a_story_that_nobody_is_there_for_waits_until_somebody_is(
    wall_clock: WallClock, cast: Cast, icu: Ward, said: list[str]
) -> None:
    stage = Stage(Random(3), 60, [SHIFT_CHANGE, DETERIORATION, LOST_SENSOR], said.append)
    run(stage, wall_clock, 1)
    Ward.objects.create(id="cardio", name="Cardiology")
    run(stage, wall_clock, 21)
    assert said == [
        "08:00 bed 1 (Intensive Care): lost sensor begins",
        "08:00 Cardiology: shift change begins",
    ]


def test_every_story_can_be_cast(wall_clock: WallClock, cast: Cast, patient: Patient, cardio: Ward) -> None:
    observe(cast.nurse, patient, WELL)
    for story in STORIES:
        said: list[str] = []
        run(Stage(Random(3), 60, [story], said.append), wall_clock, 1)
        assert story.replace("-", " ") in said[0]
    # Whoever came for a story that was not told to its end has been sent home.
    assert set(Patient.objects.filter(ward__isnull=False)) == {patient}
