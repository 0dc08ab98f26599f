"""Log lines are JSON objects in production, carry what the caller added, and go through the token filter."""

import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch
from django.utils.log import log_response

from config.logs import logging_config
from hubs.log_filters import NoTokens


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
@pytest.mark.parametrize("content", [True, False])
def test_an_exception_stays_on_its_line_and_its_text_only_where_content_is_wanted(
    capsys: pytest.CaptureFixture[str], content: bool
) -> None:
    logging.config.dictConfig(logging_config(level="INFO", as_json=True, content=content))
    text = f"shows {content}"  # not as it stands in the source, which a traceback quotes
    try:
        raise ValueError(text)
    except ValueError:
        logging.getLogger("hubs").exception("failed")
    (line,) = capsys.readouterr().err.splitlines()
    assert "ValueError" in json.loads(line)["exception"]
    assert (text in line) is content


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


@pytest.mark.usefixtures("_root_logger_restored")
def test_UQ_4_no_logger_of_a_server_or_of_django_has_a_handler_without_the_filter() -> None:
    names = ("django", "django.server", "uvicorn", "uvicorn.error", "uvicorn.access")
    for name in names:
        logging.getLogger(name).addHandler(logging.NullHandler())
    logging.config.dictConfig(logging_config(level="DEBUG", as_json=True))
    try:
        handlers = [each for name in names for each in logging.getLogger(name).handlers]
        assert all(any(isinstance(one, NoTokens) for one in each.filters) for each in handlers)
    finally:
        for name in names:
            logging.getLogger(name).handlers.clear()


@pytest.mark.usefixtures("_root_logger_restored")
def test_a_refused_form_names_the_site_that_sent_it_and_no_page_of_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logging.config.dictConfig(logging_config(level="INFO", as_json=True))
    reason = "Forbidden (Referer checking failed - https://ward.example/patients/7 does not match: x)"
    logging.getLogger("django.security.csrf").warning("%s: %s", reason, "/", extra={"request": HttpRequest()})
    assert json.loads(capsys.readouterr().err)["event"].startswith(
        "Forbidden (Referer checking failed - https://ward.example does not match"
    )
