import asyncio
import http
import io
import json
import logging
import traceback

import httpx
import pytest
import structlog
from daphne.management.commands.runserver import Command as Runserver
from django.test import RequestFactory
from twisted.python.failure import Failure
from uvicorn.logging import AccessFormatter, DefaultFormatter

from config.logs import logging_config
from hubs.log_filters import NoContent, NoTokens, redacted, shown_path

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.kJ2Y-_x5"
OPAQUE = "q83vASNFZ4mrze8BI0VniQ"
CONNECTION_TOKEN = "QeRvAYmKFeGTomfOATlkeg1xW0RLqWfAVgUSwGNRjQ6U3OjaaahX5tpT6qr6v-HojQM8vrs"
ARGUMENT = "Ada Lovelace, bed 7"


class Lines:
    """A logger of its own whose handler has the filter."""

    filter: type[logging.Filter] = NoTokens

    def __init__(self, formatter: logging.Formatter | None = None, *, name: str = "test") -> None:
        self._stream = io.StringIO()
        handler = logging.StreamHandler(self._stream)
        handler.addFilter(self.filter())
        handler.setFormatter(formatter or logging.Formatter("%(message)s"))
        self.logger = logging.Logger(name)
        self.logger.addHandler(handler)

    @property
    def text(self) -> str:
        return self._stream.getvalue()


class QuietLines(Lines):
    """The lines of a handler that shows no content."""

    filter = NoContent


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"/hubs/clinical?access_token={JWT}", "/hubs/clinical?***"),
        (f"access_token={OPAQUE}&x=1", "access_token=***&x=1"),
        (f"ACCESS_TOKEN={OPAQUE}", "ACCESS_TOKEN=***"),
        (f"access%5Ftoken={OPAQUE}", "access%5Ftoken=***"),
        (f"/hubs/clinical?%69d={OPAQUE}", "/hubs/clinical?***"),
        (f"x=1&id={OPAQUE}&access_token=b", "x=1&id=***&access_token=***"),
        (f"id={OPAQUE}", "id=***"),
        (f'"GET /hubs?id={OPAQUE}" 101', '"GET /hubs?***" 101'),
        ("Authorization: Bearer xyz", "Authorization: Bearer ***"),
        (f"authorization: bearer {OPAQUE}", "authorization: bearer ***"),
        (f"the token {JWT} is old", "the token *** is old"),
        ("failed with ticket.gAAAAABn-0123456789_abcdef== here", "failed with *** here"),
        ("a ticket. Then something else.", "a ticket. Then something else."),
        (f"b'access_token={OPAQUE}'", "b'access_token=***'"),
        (f"no connection {CONNECTION_TOKEN} here", "no connection *** here"),
    ],
)
def test_UQ_4_a_token_is_taken_out_and_what_stands_around_it_stays(text, shown):
    assert redacted(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "connected",
        "Why? Because.",
        "ward id=5 is full",
        "not a bearer token",
        "eyJ is a prefix",
        "x" * 80,
    ],
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
    assert lines.text == '10.0.0.9:50000 - "GET /hubs/clinical?*** HTTP/1.1" 200 OK\n'


def test_the_socket_line_of_uvicorn_is_redacted_in_colour_as_well():
    lines = Lines(DefaultFormatter("%(levelprefix)s %(message)s", use_colors=True))
    lines.logger.info(
        '%s - "WebSocket %s" [accepted]', ("10.0.0.9", 50000), f"/hubs/clinical?access_token={JWT}"
    )
    assert "/hubs/clinical?***" in lines.text
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
    assert "/hubs/clinical?***" in lines.text
    assert JWT not in lines.text


def test_a_token_that_shows_only_in_the_joined_message_is_redacted():
    lines = Lines()
    lines.logger.info("opening /hubs?access_token=%s for %s", OPAQUE, "nurse")
    assert lines.text == "opening /hubs?*** for nurse\n"


def test_an_object_that_would_show_a_token_is_redacted():
    lines = Lines()
    lines.logger.info("sent %s", httpx.URL(f"https://board.example/hubs?access_token={OPAQUE}"))
    assert lines.text == "sent https://board.example/hubs?***\n"


def test_the_request_that_django_logs_with_an_error_is_redacted():
    lines = Lines(logging.Formatter("%(message)s %(request)r"))
    request = RequestFactory().get(f"/hubs/clinical?access_token={OPAQUE}")
    lines.logger.error("Not Found: %s", request.path, extra={"request": request})
    assert OPAQUE not in lines.text
    assert "/hubs/clinical?***" in lines.text


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
    assert config["handlers"]["stderr"]["filters"] == ["no_paths", "no_tokens"]
    lines = QuietLines(formatter)
    try:
        raise ValueError(f"cannot read {JWT}")
    except ValueError:
        lines.logger.exception("refused", extra={"path": f"/hubs?access_token={OPAQUE}"})
    line = json.loads(lines.text)
    assert line["path"] == "/hubs?***"
    assert JWT not in lines.text
    assert line["event"] == "refused"
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("\nValueError")


def fails() -> None:
    try:
        raise LookupError(ARGUMENT)
    except LookupError as error:
        raise ValueError(f"cannot read {ARGUMENT}") from error


def test_LG_2_an_exception_is_logged_without_its_text_and_with_its_traceback():
    lines = QuietLines()
    try:
        fails()
    except ValueError:
        lines.logger.exception("action failed")
    assert ARGUMENT not in lines.text
    assert "LookupError\n\nThe above exception was the direct cause" in lines.text
    assert "in fails\n" in lines.text
    assert lines.text.endswith("\nValueError\n")


def test_a_message_that_quotes_its_exception_says_its_kind_instead():
    lines = QuietLines()
    error = ValueError(ARGUMENT)
    lines.logger.error("Exception inside application: %s", error, exc_info=error)
    lines.logger.error("Exception inside application: %r", error)
    lines.logger.error(error)
    assert ARGUMENT not in lines.text
    assert lines.text.count("ValueError") == 4


def test_a_traceback_in_the_message_itself_loses_its_texts():
    """Daphne writes `traceback.format_exc()`."""
    lines = QuietLines()
    try:
        fails()
    except ValueError:
        lines.logger.error(traceback.format_exc())
    assert ARGUMENT not in lines.text
    assert "LookupError\n" in lines.text
    assert "in fails\n" in lines.text
    assert lines.text.endswith("\nValueError\n")


async def test_asyncio_shows_no_exception_of_a_task_that_nobody_has_asked_for():
    lines = QuietLines(name="asyncio")
    error = ValueError(ARGUMENT)
    failed = asyncio.get_running_loop().create_future()
    failed.set_exception(error)
    message = f"Exception in callback read('{ARGUMENT}')\nfuture: {failed!r}"
    lines.logger.error(message, exc_info=error)
    assert failed.exception() is error
    assert ARGUMENT not in lines.text
    assert lines.text.startswith("Exception in callback read\n")


def test_a_failure_of_twisted_shows_its_kind():
    lines = QuietLines()
    lines.logger.error(Failure(ValueError(ARGUMENT)))
    assert ARGUMENT not in lines.text
    assert "ValueError" in lines.text


@pytest.mark.parametrize(
    "name", ["websockets.server", "uvicorn.error", "django.db.backends", "push_response"]
)
def test_what_goes_over_the_wire_is_not_logged_at_any_level(name):
    lines = QuietLines(name=name)
    lines.logger.debug("< TEXT '%s'", ARGUMENT)
    lines.logger.info("connection open")
    assert lines.text == "connection open\n"


def test_the_access_log_of_uvicorn_has_no_patients_id():
    lines = QuietLines()
    lines.logger.name = "uvicorn.access"
    path = "/patients/0f8fad5b-d9cb-469f-a165-70867728950e/?q=1"
    lines.logger.info('%s - "%s %s HTTP/%s" %d', "10.0.0.9:50000", "GET", path, "1.1", 200)
    assert lines.text == '10.0.0.9:50000 - "GET /patients/***/ HTTP/1.1" 200\n'


def test_a_statement_is_logged_without_its_values():
    lines = QuietLines(logging.Formatter("%(message)s %(sql)s %(params)s"), name="django.db.backends")
    sql, extra = f"SELECT '{ARGUMENT}'", {"sql": f"SELECT '{ARGUMENT}'", "params": (ARGUMENT,)}
    lines.logger.warning("(0.1) %s; args=%s", sql, (ARGUMENT,), extra=extra)
    assert lines.text == "a statement None None\n"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/hubs/clinical", "/hubs/clinical"),
        (f"/hubs/clinical/{CONNECTION_TOKEN}/negotiate", "/hubs/clinical/***/negotiate"),
        ("/hubs/0f8fad5b-d9cb-469f-a165-70867728950e", "/hubs/***"),
        (f"/hubs?id={OPAQUE}", "/hubs"),
    ],
)
def test_a_path_is_shown_without_ids_and_tokens(path, shown):
    assert shown_path(path) == shown
