"""Keeps tokens, and where it is asked for all content, out of log lines, whichever library writes them."""

import logging
import re
import traceback
from typing import Any, TypeGuard

from hubs.log_exceptions import HEADER, in_record, unquoted, without_text

REDACTED = "***"

# What goes before a secret stays, so that a reader sees what was taken out.
_SECRET = re.compile(
    r"""
      ( (?<=[\w/.~%-])\? ) [^\s"'<>*]+                    # a whole query: names can be spelled in many ways
    | ( access(?:_|%5[Ff])token= ) [^&\s"'<>*]+           # anywhere, in a URL or not
    | ( (?:^|[?&;"'])id= ) [^&\s"'<>*]+                   # a connection token in a query string
    | ( \bbearer(?:\s|%20)+ ) (?!token\b) [\w.~+/=%-]+     # an Authorization header
    | \beyJ[\w-]{5,512}\.[\w-]+\.[\w-]*                   # a JSON Web Token, wherever it stands
    | \bticket\.[\w-]{20,}={0,2}                          # a ticket of ours, wherever it stands
    | (?<![\w-])[\w-]{69,73}(?![\w-])                     # what is as long as a connection token
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SHORTEST_CONNECTION_TOKEN = 69
_LONG_PART = re.compile(r"[^/]{25,}")
_PLAIN = (int, float, bool, type(None))
_STANDARD = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None)))
# Below INFO they write down what goes over the wire, or into the database.
_WIRE = ("websockets", "uvicorn", "django.db.backends", "redis", "push_response")


class NoTokens(logging.Filter):
    """Redacts a record before its handler formats it; put it on the handlers, where every logger passes.

    Each part of the record keeps its place and shape: uvicorn's access formatter takes `args` apart, and
    structlog reads the extra fields.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.args = redacted(record.args)
        for name in vars(record).keys() - _STANDARD:
            setattr(record, name, redacted(getattr(record, name)))
        _redact_message(record)
        _redact_exception(record)
        return True


class NoContent(NoTokens):
    """Besides tokens: the texts of exceptions, which quote arguments and rows; frames; SQL with its values.

    A traceback keeps its files, lines and kinds of exceptions.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.INFO and record.name.startswith(_WIRE):
            return False
        _withhold_statement(record)
        _withhold_path(record)
        _withhold_texts(record)
        return super().filter(record)


def shown_path(path: str) -> str:
    """A path without query, and without those of its parts that are long enough for an id or a token."""
    return _LONG_PART.sub(REDACTED, path.partition("?")[0])


def redacted(value: Any) -> Any:
    """The value without tokens; one that has none is returned as it is."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, str):
        return _SECRET.sub(_replacement, value) if _may_show(value) else value
    if isinstance(value, bytes):
        return redacted(value.decode("latin-1")).encode("latin-1")
    if type(value) in (tuple, list):
        return type(value)(map(redacted, value))
    if isinstance(value, dict):
        return {key: redacted(each) for key, each in value.items()}
    return _redacted_object(value)


def _may_show(text: str) -> bool:
    """Spares nearly every text the search, which costs a hundred times as much."""
    return (
        len(text) >= _SHORTEST_CONNECTION_TOKEN
        or any(each in text for each in ("=", "?", "eyJ", "ticket."))
        or "bearer" in text.lower()
    )


def _shows(text: str) -> bool:
    return _may_show(text) and _SECRET.search(text) is not None


def _replacement(match: re.Match[str]) -> str:
    return f"{next(filter(None, match.groups()), '')}{REDACTED}"


def _redacted_object(value: Any) -> Any:
    """An object, such as Django's request, whose text would show a token becomes that text."""
    try:
        text = str(value)
        shown = text if _shows(text) else repr(value)
    except Exception:  # noqa: BLE001 - logging itself deals with what cannot be shown
        return value
    return redacted(shown) if _shows(shown) else value


def _redact_message(record: logging.LogRecord) -> None:
    """For what only shows once message and arguments are joined, such as "access_token=%s"."""
    message = _message_of(record)
    if message is not None and _shows(message):
        record.msg, record.args = redacted(message), ()


def _message_of(record: logging.LogRecord) -> str | None:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - logging itself reports arguments that do not fit
        return None


def _redact_exception(record: logging.LogRecord) -> None:
    """The traceback, which formatters make from the exception itself, moves into the message."""
    record.stack_info = redacted(record.stack_info)
    record.exc_text = redacted(record.exc_text)
    if not record.exc_info or record.exc_info[1] is None:
        return
    text = "".join(traceback.format_exception(record.exc_info[1]))
    if _shows(text):
        record.msg, record.args = f"{record.getMessage()}\n{redacted(text).rstrip()}", ()
        record.exc_info = record.exc_text = None


def _withhold_statement(record: logging.LogRecord) -> None:
    """Django says a slow statement with its values in it."""
    if record.name.startswith("django.db.backends") and hasattr(record, "sql"):
        record.msg, record.args = "a statement", ()
        record.sql = record.params = None


def _withhold_path(record: logging.LogRecord) -> None:
    """In the lines of uvicorn, which stand there for every request where its access log is on."""
    if record.name.startswith("uvicorn") and isinstance(record.args, tuple):
        record.args = tuple(shown_path(each) if _is_path(each) else each for each in record.args)


def _is_path(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value.startswith("/")


def _withhold_texts(record: logging.LogRecord) -> None:
    """Exceptions stay without their texts, also where message and arguments quote them."""
    errors = in_record(record)
    message = _message_of(record)
    if record.exc_info and record.exc_info[1] is not None:
        quiet = without_text(record.exc_info[1])
        record.exc_info, record.exc_text = (type(quiet), quiet, quiet.__traceback__), None
    if record.name == "asyncio" and errors:
        # It quotes the arguments of callbacks, and tasks with their exceptions.
        message = message and message.partition("(")[0].partition("\n")[0]
    if errors or HEADER in (message or ""):
        record.msg, record.args = unquoted(message or "", errors), ()
