"""Exceptions as a log may show them: where and of which kind, without texts, which quote what was given."""

import logging
import os
import re
from collections.abc import Iterable
from typing import Any

from django.db import OperationalError

HEADER = "Traceback (most recent call last):"
SHORTEST_QUOTE = 4  # shorter texts would be found everywhere
_FRAME = re.compile(r' +File "[^"]*", line \d+, in \S+')
_KIND = re.compile(r"[\w.]+(?=:|$)")
_CAUSES = ("The above exception was", "During handling of")


def in_record(record: logging.LogRecord) -> list[BaseException]:
    """The exceptions that the record carries, with what caused them."""
    given = record.args.values() if isinstance(record.args, dict) else record.args or ()
    attached = record.exc_info[1] if record.exc_info else None
    found: dict[int, BaseException] = {}
    for each in (attached, record.msg, *given):
        wrapped = getattr(each, "value", None)  # in a Failure of Twisted
        _collect(wrapped if isinstance(wrapped, BaseException) else each, found)
    return list(found.values())


def _collect(error: object, found: dict[int, BaseException]) -> None:
    if isinstance(error, BaseException) and id(error) not in found:
        found[id(error)] = error
        for each in (error.__cause__, error.__context__, *getattr(error, "exceptions", ())):
            _collect(each, found)


def unquoted(message: str, errors: Iterable[BaseException]) -> str:
    """The message with each exception's kind in place of its text, and of printed tracebacks the frames."""
    for error in errors:
        for text in (repr(error), str(error)):
            if len(text) >= SHORTEST_QUOTE:
                message = message.replace(text, type(error).__name__)
    head, header, printed = message.partition(HEADER)
    return head + header + "".join(f"\n{line}" for line in _frames(printed)) if header else message


def _frames(printed: str) -> Iterable[str]:
    for line in printed.splitlines():
        if _FRAME.fullmatch(line) or line == HEADER or line.startswith(_CAUSES):
            yield line
        elif kind := _KIND.match(line):
            yield kind[0]


def without_text(error: BaseException, seen: dict[int, BaseException] | None = None) -> BaseException:
    """One of the same name, at the same place and with the same causes, that says nothing."""
    seen = {} if seen is None else seen
    if id(error) in seen:
        return seen[id(error)]
    quiet = seen[id(error)] = _of_same_name(error, seen)
    quiet.__traceback__ = error.__traceback__
    quiet.__cause__ = error.__cause__ and without_text(error.__cause__, seen)
    quiet.__context__ = error.__context__ and without_text(error.__context__, seen)
    quiet.__suppress_context__ = error.__suppress_context__
    return quiet


def _of_same_name(error: BaseException, seen: dict[int, BaseException]) -> BaseException:
    names: dict[str, Any] = {"__module__": type(error).__module__, "__qualname__": type(error).__qualname__}
    if isinstance(error, BaseExceptionGroup):
        group: Any = type(type(error).__name__, (BaseExceptionGroup,), names)
        quiet: BaseException = group("", [without_text(each, seen) for each in error.exceptions])
    else:
        kind: Any = type(type(error).__name__, (Exception,), names)
        quiet = kind(*_harmless_text(error))
    return quiet


def _harmless_text(error: BaseException) -> tuple[str, ...]:
    """What the system and the database say of a part that is away names no argument and no row."""
    if isinstance(error, OperationalError):
        return (str(error),)
    if isinstance(error, OSError) and error.errno is not None:
        return (os.strerror(error.errno),)
    return ()
