"""The command that keeps the demo moving, also when the database does not play along."""

import logging
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import override_settings

from clinical.access import Forbidden
from clinical.demo.simulation import Simulation
from clinical.models import ObservationSet, Patient, Ward
from tests.cast import Cast
from tests.clinical.wall_clock import WallClock


@pytest.fixture(autouse=True)
def _no_time_is_lost(wall_clock: WallClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinical.management.commands.simulate_ward.sleep", wall_clock.let_pass)


def simulate(*arguments: str) -> str:
    out = StringIO()
    call_command("simulate_ward", "--seed=3", "--speed=3600", *arguments, stdout=out)
    return out.getvalue()


def failing_first(monkeypatch: pytest.MonkeyPatch, *errors: BaseException) -> None:
    """Lets the first steps fail, one with each error."""
    step, waiting = Simulation.step, list(errors)

    def fail_or_step(simulation: Simulation) -> bool:
        if waiting:
            raise waiting.pop(0)
        return step(simulation)

    monkeypatch.setattr(Simulation, "step", fail_or_step)


def test_it_records_as_many_sets_as_asked(cast: Cast, patient: Patient) -> None:
    simulate("--count=5")
    # One more where a story and a round come together.
    assert ObservationSet.objects.count() in (5, 6)


def test_it_says_what_begins_where(cast: Cast, patient: Patient, cardio: Ward) -> None:
    said = simulate("--count=1", "--story=transfer")
    assert said.startswith("08:00 bed 2 (Intensive Care): transfer begins\n")


def test_the_stories_that_are_asked_for_are_told_in_turn(cast: Cast, patient: Patient, cardio: Ward) -> None:
    said = simulate("--count=30", "--story=transfer", "--story=lost-sensor", "--speed=600", "--interval=60")
    words = [line.split(": ")[1] for line in said.splitlines()]
    assert words[:4] == ["transfer begins", "lost sensor begins"] * 2


def test_a_lost_database_is_one_line_and_its_return_another(
    cast: Cast, patient: Patient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("clinical.management.commands.simulate_ward.connection.close", lambda: None)
    failing_first(monkeypatch, *[OperationalError("database is locked")] * 50)
    with caplog.at_level(logging.WARNING, "clinical"):
        simulate("--count=2")
    said = [record.getMessage() for record in caplog.records if record.name == "clinical"]
    assert said == ["simulation waits: OperationalError", "simulation goes on"]
    assert ObservationSet.objects.count() >= 2


def test_a_patient_who_has_just_left_does_not_stop_it(
    cast: Cast, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_first(monkeypatch, Forbidden("gone"))
    simulate("--count=1")
    assert ObservationSet.objects.count() == 1


def test_ctrl_c_ends_it_cleanly(cast: Cast, patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    failing_first(monkeypatch, KeyboardInterrupt())
    assert simulate() == "Stopped.\n"


@override_settings(DEVELOPMENT=False)
def test_findings_are_made_up_in_development_only(cast: Cast) -> None:
    with pytest.raises(CommandError, match="outside of development"):
        simulate("--count=1")


@pytest.mark.parametrize(
    "argument",
    [
        *("--interval=-1", "--interval=nan", "--interval=inf", "--interval=often"),
        *("--speed=0", "--speed=-60", "--speed=nan", "--speed=inf", "--speed=4000", "--speed=fast"),
        *("--count=0", "--count=-1", "--count=many", "--story=romance", "--story="),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(argument: str) -> None:
    with pytest.raises(CommandError, match=argument.split("=")[0]):
        simulate(argument, *([] if argument.startswith("--count") else ["--count=1"]))
