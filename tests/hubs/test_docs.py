"""The tables of docs/hubs.md say what the code says."""

import re
from pathlib import Path

import pytest

from hubs import checks, errors
from hubs.conf import DEFAULTS, HUB_OPTIONS
from hubs.errors import CloseReason, HubError

DOCS = Path(__file__).resolve().parents[2] / "docs"


def table(page, heading):
    """The cells of the rows of the table below the heading, without the marks of code."""
    text = (DOCS / page).read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## {heading}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]  # below the heading
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows]


def test_every_setting_is_documented_with_its_default():
    documented = [(name, default) for name, default, *_ in table("hubs.md", "Settings")]
    assert documented == [(name, repr(default)) for name, default in DEFAULTS.items()]


def test_the_settings_that_a_hub_may_have_for_itself_are_marked():
    assert {name for name, _, _, own in table("hubs.md", "Settings") if own == "yes"} == HUB_OPTIONS


def test_every_check_is_documented():
    raised = re.findall(r'id="(hubs\.[EW]\d+)"', Path(checks.__file__).read_text(encoding="utf-8"))
    assert [name for name, _ in table("hubs.md", "Checks")] == sorted(raised)


def test_every_reason_to_close_is_documented():
    assert table("hubs.md", "Why a connection ends") == [
        [reason.name, reason.word, reason.error or "", "yes" if reason.allow_reconnect else "no"]
        for reason in CloseReason
    ]


@pytest.mark.parametrize(
    ("what", "text"),
    [
        (
            'HubError("text") in an action',
            errors.action_failed("{name}", HubError("text"), detailed=False),
        ),
        ("any other exception", errors.action_failed("{name}", KeyError("secret"), detailed=False)),
        ("not allowed", errors.unauthorized("{name}")),
        ("no such action", errors.unknown_method("{name}")),
        ("arguments that do not fit", errors.invocation_failed("{name}")),
        ("an exception inside a stream", errors.stream_failed(KeyError("secret"), detailed=False)),
        ("too many calls", errors.TOO_MANY_CALLS),
        ("too many streams", errors.TOO_MANY_STREAMS),
    ],
)
def test_the_errors_are_documented_letter_by_letter(what, text):
    documented = {what.replace("`", ""): text for what, text in table("hubs.md", "Errors that a caller sees")}
    assert documented[what] == text
