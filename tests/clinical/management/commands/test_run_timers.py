"""`manage.py run_timers`: once, or until it is stopped, whatever the database does meanwhile."""

import signal
import threading
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from clinical.models import Patient
from clinical.services import alert_timers
from tests.cast import Cast
from tests.clinical.alarming import let_pass, raised, steps


def test_once_says_how_many_steps_were_taken(cast: Cast, patient: Patient) -> None:
    alert = raised(cast.nurse, patient)
    let_pass(timedelta(minutes=6))
    output = StringIO()
    call_command("run_timers", once=True, stdout=output)
    assert output.getvalue() == "Steps taken: 1.\n"
    assert steps(alert) == ["raised", "renotified"]


@pytest.mark.parametrize("interval", [0, -1, 61, float("nan")])
def test_an_interval_that_is_none_is_one_sentence(interval: float) -> None:
    with pytest.raises(CommandError, match=r"^--interval must be between 0\.1 and 60 seconds\.$"):
        call_command("run_timers", interval=interval)


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> dict[int, Any]:
    """What the command wants to do at a signal; the test process keeps its own."""
    wanted: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", wanted.__setitem__)
    return wanted


def test_it_goes_on_after_the_database_was_away_says_so_once_and_ends_when_it_is_told(
    db: None, handlers: dict[int, Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers: list[Exception | None] = [OperationalError("secret"), OperationalError("secret"), None, None]

    def work_off() -> int:
        answer = answers.pop(0)
        if not answers:
            handlers[signal.SIGTERM](signal.SIGTERM, None)
        if answer is not None:
            raise answer
        return 0

    monkeypatch.setattr(alert_timers, "work_off", work_off)
    monkeypatch.setattr("clinical.management.commands.run_timers.connection.close", lambda: None)
    monkeypatch.setattr(threading.Event, "wait", lambda *_: None)
    output = StringIO()
    call_command("run_timers", stdout=output)
    assert output.getvalue() == "Stopped.\n"
    said = [record.getMessage() for record in caplog.records if "timers" in record.getMessage()]
    assert said == ["timers wait: OperationalError", "timers go on"]
