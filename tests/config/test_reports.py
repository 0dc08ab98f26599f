"""Reports of errors to ADMINS have a traceback, and nothing of the request, the settings or any value."""

import logging
import logging.config
from collections.abc import Iterator

import pytest
from django.core import mail
from django.test import Client, RequestFactory
from pytest_django import Settings

from config.logs import logging_config
from config.reports import Reporter

SECRET = "Ada-Lovelace-in-bed-7"


def report(*, debug: bool, settings: Settings) -> str:
    settings.DEBUG = debug
    request = RequestFactory().post(f"/patients/{SECRET}/?q={SECRET}", {"name": SECRET}, HTTP_REFERER=SECRET)
    request.COOKIES["sessionid"] = SECRET
    settings.REDIS_URL = f"redis://:{SECRET}@localhost"
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        reporter = Reporter(request, type(error), error, error.__traceback__, is_email=True)
    return f"{reporter.get_traceback_text()}{reporter.get_traceback_html()}"


def test_LG_2_a_report_has_the_traceback_and_no_value(settings: Settings) -> None:
    text = report(debug=False, settings=settings)
    assert SECRET not in text
    assert "test_reports.py" in text
    assert "ValueError" in text


def test_at_a_desk_it_shows_all(settings: Settings) -> None:
    assert SECRET in report(debug=True, settings=settings)


@pytest.fixture
def _logs_of_the_product() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logging.config.dictConfig(logging_config(level="INFO", as_json=True))
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("django").handlers.clear()


@pytest.mark.usefixtures("_logs_of_the_product")
def test_a_mail_names_the_view_and_neither_path_nor_value(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError(SECRET)

    settings.ADMINS = [("Admin", "admin@ward.example")]
    monkeypatch.setattr("django.contrib.auth.forms.AuthenticationForm.is_valid", broken)
    client.raise_request_exception = False
    client.post(f"/login/?next={SECRET}", {"username": SECRET, "password": SECRET})
    (message,) = mail.outbox
    text = f"{message.subject}\n{message.body}"
    assert SECRET not in text
    assert "ValueError" in text
    assert "login" in text
