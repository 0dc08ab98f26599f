"""An exception without its text is one of the same name, from the same place, with the same causes."""

import traceback

import pytest
from django.db import OperationalError

from hubs.log_exceptions import without_text

ARGUMENT = "Ada Lovelace, bed 7"


def shown(error: BaseException) -> str:
    return "".join(traceback.format_exception(without_text(error)))


def test_a_group_is_shown_by_its_members_kinds() -> None:
    group = ExceptionGroup(ARGUMENT, [ValueError(ARGUMENT), ExceptionGroup("", [KeyError(ARGUMENT)])])
    assert ARGUMENT not in shown(group)
    assert "ExceptionGroup" in shown(group)
    assert "ValueError" in shown(group)
    assert "KeyError" in shown(group)


def test_exceptions_that_name_each_other_as_their_causes_come_to_an_end() -> None:
    first, second = ValueError(ARGUMENT), KeyError(ARGUMENT)
    first.__context__, second.__context__ = second, first
    assert ARGUMENT not in shown(first)


def test_notes_and_attributes_stay_behind() -> None:
    error = ValueError(ARGUMENT)
    error.add_note(ARGUMENT)
    assert ARGUMENT not in shown(error)
    assert not hasattr(without_text(error), "__notes__")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OperationalError("connection refused"), "django.db.utils.OperationalError: connection refused\n"),
        (FileNotFoundError(2, "No such file", ARGUMENT), "FileNotFoundError: No such file or directory\n"),
        (ConnectionError(ARGUMENT), "ConnectionError\n"),
    ],
)
def test_what_the_system_says_of_a_part_that_is_away_is_shown(error: Exception, text: str) -> None:
    assert shown(error) == text
