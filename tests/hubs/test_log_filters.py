import http
import io
import json
import logging

import httpx
import pytest
import structlog
from daphne.management.commands.runserver import Command as Runserver
from django.test import RequestFactory
from uvicorn.logging import AccessFormatter, DefaultFormatter

from config.logs import logging_config
from hubs.log_filters import NoTokens, redacted

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.kJ2Y-_x5"
OPAQUE = "q83vASNFZ4mrze8BI0VniQ"


class Lines:
    """A logger of its own whose handler has the filter."""

    def __init__(self, formatter: logging.Formatter | None = None) -> None:
        self._stream = io.StringIO()
        handler = logging.StreamHandler(self._stream)
        handler.addFilter(NoTokens())
        handler.setFormatter(formatter or logging.Formatter("%(message)s"))
        self.logger = logging.Logger("test")
        self.logger.addHandler(handler)

    @property
    def text(self) -> str:
        return self._stream.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"/hubs/clinical?access_token={JWT}", "/hubs/clinical?access_token=***"),
        (f"/hubs/clinical?access_token={OPAQUE}&x=1", "/hubs/clinical?access_token=***&x=1"),
        (f"/hubs/clinical?ACCESS_TOKEN={OPAQUE}", "/hubs/clinical?ACCESS_TOKEN=***"),
        (f"/hubs/clinical?access%5Ftoken={OPAQUE}", "/hubs/clinical?access%5Ftoken=***"),
        (f"/hubs/clinical?id={OPAQUE}", "/hubs/clinical?id=***"),
        (f"/hubs/clinical?x=1&id={OPAQUE}&access_token=b", "/hubs/clinical?x=1&id=***&access_token=***"),
        (f"id={OPAQUE}", "id=***"),
        (f'"GET /hubs?id={OPAQUE}" 101', '"GET /hubs?id=***" 101'),
        ("Authorization: Bearer xyz", "Authorization: Bearer ***"),
        (f"authorization: bearer {OPAQUE}", "authorization: bearer ***"),
        (f"the token {JWT} is old", "the token *** is old"),
        ("failed with ticket.gAAAAABn-0123456789_abcdef== here", "failed with *** here"),
        ("a ticket. Then something else.", "a ticket. Then something else."),
        (f"b'access_token={OPAQUE}'", "b'access_token=***'"),
    ],
)
def test_UQ_4_a_token_is_taken_out_and_what_stands_around_it_stays(text, shown):
    assert redacted(text) == shown


@pytest.mark.parametrize(
    "text",
    ["", "connected", "/hubs/clinical?grid=4", "ward id=5 is full", "not a bearer token", "eyJ is a prefix"],
)
def test_what_is_no_token_stays(text):
    assert redacted(text) == text


@pytest.mark.parametrize("value", [None, True, 4, 1.5, ("a", 4), ["a"], {"a": "b"}, b"raw"])
def test_values_without_a_token_keep_their_type(value):
    assert redacted(value) == value
    assert type(redacted(value)) is type(value)


def test_the_access_log_of_uvicorn_keeps_its_five_arguments():
    lines = Lines(AccessFormatter('%(client_addr)s - "%(request_line)s" %(status_code)s', use_colors=False))
    lines.logger.info(
        '%s - "%s %s HTTP/%s" %d',
        "10.0.0.9:50000",
        "GET",
        f"/hubs/clinical?id={OPAQUE}&access_token={JWT}",
        "1.1",
        http.HTTPStatus.OK,
    )
    assert lines.text == '10.0.0.9:50000 - "GET /hubs/clinical?id=***&access_token=*** HTTP/1.1" 200 OK\n'


def test_the_socket_line_of_uvicorn_is_redacted_in_colour_as_well():
    lines = Lines(DefaultFormatter("%(levelprefix)s %(message)s", use_colors=True))
    lines.logger.info(
        '%s - "WebSocket %s" [accepted]', ("10.0.0.9", 50000), f"/hubs/clinical?access_token={JWT}"
    )
    assert "access_token=***" in lines.text
    assert JWT not in lines.text


def test_the_lines_of_daphnes_runserver_are_redacted(caplog):
    caplog.set_level(logging.DEBUG)
    lines = Lines()
    details = {
        "method": "GET",
        "path": f"/hubs/clinical?access_token={JWT}",
        "status": 200,
        "time_taken": 0.01,
        "client": "10.0.0.9:1",
    }
    server = logging.getLogger("django.channels.server")
    server.addHandler(lines.logger.handlers[0])
    try:
        Runserver().log_action("http", "complete", details)
    finally:
        server.removeHandler(lines.logger.handlers[0])
    assert "/hubs/clinical?access_token=***" in lines.text
    assert JWT not in lines.text


def test_a_token_that_shows_only_in_the_joined_message_is_redacted():
    lines = Lines()
    lines.logger.info("opening /hubs?access_token=%s for %s", OPAQUE, "nurse")
    assert lines.text == "opening /hubs?access_token=*** for nurse\n"


def test_an_object_that_would_show_a_token_is_redacted():
    lines = Lines()
    lines.logger.info("sent %s", httpx.URL(f"https://board.example/hubs?access_token={OPAQUE}"))
    assert lines.text == "sent https://board.example/hubs?access_token=***\n"


def test_the_request_that_django_logs_with_an_error_is_redacted():
    lines = Lines(logging.Formatter("%(message)s %(request)r"))
    request = RequestFactory().get(f"/hubs/clinical?access_token={OPAQUE}")
    lines.logger.error("Not Found: %s", request.path, extra={"request": request})
    assert OPAQUE not in lines.text
    assert "access_token=***" in lines.text


def test_extra_fields_are_redacted_however_deep():
    lines = Lines(logging.Formatter("%(scope)s"))
    scope = {"headers": [(b"authorization", f"Bearer {OPAQUE}".encode())], "query": f"id={OPAQUE}"}
    lines.logger.info("refused", extra={"scope": scope})
    assert OPAQUE not in lines.text


def test_UQ_4_the_text_of_an_exception_is_redacted_and_its_traceback_stays():
    lines = Lines()
    try:
        raise ValueError(f"cannot read {JWT}")
    except ValueError:
        lines.logger.exception("verify failed")
    assert JWT not in lines.text
    assert "verify failed\nTraceback" in lines.text
    assert lines.text.rstrip().endswith("ValueError: cannot read ***")


def test_the_exception_that_caused_it_is_redacted_as_well():
    lines = Lines()
    try:
        try:
            raise KeyError(f"Bearer {OPAQUE}")
        except KeyError as error:
            raise ValueError("no such key") from error
    except ValueError:
        lines.logger.exception("verify failed")
    assert OPAQUE not in lines.text


def test_an_exception_without_a_token_is_left_to_the_formatter():
    record = logging.LogRecord(
        "test", logging.ERROR, "", 0, "failed", (), (ValueError, ValueError("x"), None)
    )
    NoTokens().filter(record)
    assert record.exc_info is not None
    assert record.getMessage() == "failed"


def test_arguments_that_do_not_fit_are_left_to_logging():
    record = logging.LogRecord("test", logging.INFO, "", 0, "%d %d", ("one",), None)
    assert NoTokens().filter(record)


def test_a_record_is_never_dropped():
    assert NoTokens().filter(logging.LogRecord("test", logging.INFO, "", 0, f"Bearer {JWT}", (), None))


def test_the_products_log_lines_pass_the_filter():
    config = logging_config(level="INFO", as_json=True)
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=config["formatters"]["line"]["processors"],
        foreign_pre_chain=config["formatters"]["line"]["foreign_pre_chain"],
    )
    assert config["handlers"]["stderr"]["filters"] == ["no_tokens"]
    lines = Lines(formatter)
    try:
        raise ValueError(f"cannot read {JWT}")
    except ValueError:
        lines.logger.exception("refused", extra={"path": f"/hubs?access_token={OPAQUE}"})
    line = json.loads(lines.text)
    assert line["path"] == "/hubs?access_token=***"
    assert JWT not in lines.text
    assert "ValueError: cannot read ***" in line["event"]
