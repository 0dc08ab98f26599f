"""Log lines are JSON objects in production, carry what the caller added, and go through the token filter."""

import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch
from django.utils.log import log_response

from config.logs import logging_config


@pytest.fixture
def _root_logger_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("_root_logger_restored")
def test_a_line_is_one_json_object_with_what_the_caller_added(capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(logging_config(level="INFO", as_json=True))
    logging.getLogger("hubs").info("connected", extra={"user": "7", "role": "Nurse"})
    line = json.loads(capsys.readouterr().err)
    assert line.items() >= {"event": "connected", "logger": "hubs", "level": "info", "user": "7"}.items()
    assert line["timestamp"].endswith("Z")


@pytest.mark.usefixtures("_root_logger_restored")
def test_an_exception_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    logging.config.dictConfig(logging_config(level="INFO", as_json=True))
    try:
        raise ValueError("what went wrong")
    except ValueError:
        logging.getLogger("hubs").exception("failed")
    (line,) = capsys.readouterr().err.splitlines()
    assert "what went wrong" in json.loads(line)["exception"]


@pytest.mark.usefixtures("_root_logger_restored")
def test_LG_2_a_line_about_a_request_names_its_route_and_no_patient(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logging.config.dictConfig(logging_config(level="INFO", as_json=True))
    patient = "0f8fad5b-d9cb-469f-a165-70867728950e"
    request = RequestFactory().get(f"/api/patients/{patient}/")
    request.resolver_match = ResolverMatch(print, (), {}, route="api/patients/<uuid:patient_id>/")
    log_response("%s: %s", "Not Found", request.path, request=request, response=HttpResponse(status=404))
    written = capsys.readouterr().err
    assert patient not in written
    assert (
        json.loads(written).items()
        >= {
            "event": "Not Found",
            "method": "GET",
            "route": "api/patients/<uuid:patient_id>/",
            "status_code": 404,
        }.items()
    )


def test_UQ_4_every_handler_filters_tokens() -> None:
    for as_json in (True, False):
        handlers = logging_config(level="INFO", as_json=as_json)["handlers"]
        assert all("no_tokens" in handler["filters"] for handler in handlers.values())
