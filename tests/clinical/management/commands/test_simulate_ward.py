"""The command that keeps the demo moving, also when the database does not play along."""

import logging
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import override_settings

from clinical.access import Forbidden
from clinical.demo.simulation import Simulation
from clinical.models import ObservationSet, Patient
from tests.cast import Cast


def simulate(**options: Any) -> str:
    out = StringIO()
    call_command("simulate_ward", stdout=out, interval=0, seed=3, **options)
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
    simulate(count=5)
    assert ObservationSet.objects.count() == 5


def test_a_lost_database_is_one_line_and_its_return_another(
    cast: Cast, patient: Patient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("clinical.management.commands.simulate_ward.connection.close", lambda: None)
    failing_first(monkeypatch, *[OperationalError("database is locked")] * 50)
    with caplog.at_level(logging.WARNING, "clinical"):
        simulate(count=2)
    said = [record.getMessage() for record in caplog.records if record.name == "clinical"]
    assert said == ["simulation waits: OperationalError", "simulation goes on"]
    assert ObservationSet.objects.count() == 2


def test_a_patient_who_has_just_left_does_not_stop_it(
    cast: Cast, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_first(monkeypatch, Forbidden("gone"))
    simulate(count=1)
    assert ObservationSet.objects.count() == 1


def test_ctrl_c_ends_it_cleanly(cast: Cast, patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    failing_first(monkeypatch, KeyboardInterrupt())
    assert simulate() == "Stopped.\n"


@override_settings(DEVELOPMENT=False)
def test_findings_are_made_up_in_development_only(cast: Cast) -> None:
    with pytest.raises(CommandError, match="outside of development"):
        simulate(count=1)


@pytest.mark.parametrize("interval", ["-1", "nan", "inf"])
def test_an_interval_that_cannot_be_is_refused(interval: str) -> None:
    with pytest.raises(CommandError, match="--interval"):
        call_command("simulate_ward", f"--interval={interval}", "--count=1")
