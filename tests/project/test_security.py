"""docs/security.md names the tests that hold each requirement, and no others."""

import re

from tests.project.sources import ROOT, sources

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
REQUIREMENT = re.compile(r"test_([A-Z]{2})_(\d+)_")


def rows() -> dict[str, str]:
    """The tables' rows by their requirement's id."""
    found = re.findall(r"^\| ([A-Z]{2}-\d+) \|(.*)$", PAGE, re.MULTILINE)
    assert len(found) == len(dict(found)), "an id stands twice"
    return dict(found)


def functions() -> set[str]:
    written = [source for source in sources() if source.path.startswith("tests/")]
    return {f.name for source in written for f in source.functions() if f.name.startswith("test_")}


def test_every_test_that_the_page_names_is_there() -> None:
    assert set(re.findall(r"`(test_\w+)`", PAGE)) - functions() == set()


def test_every_requirement_is_held_by_a_test_that_carries_its_id_or_does_not_apply() -> None:
    wrong = [
        each
        for each, row in rows().items()
        if f"`test_{each.replace('-', '_')}_" not in row and "does not apply" not in row
    ]
    assert wrong == []


def test_every_requirement_for_tokens_is_in_the_table() -> None:
    assert [each for each in rows() if each.startswith("JW-")] == [f"JW-{number}" for number in range(1, 14)]


def test_a_test_that_carries_an_id_of_the_tables_is_named_there() -> None:
    carried = {name: f"{match[1]}-{match[2]}" for name in functions() if (match := REQUIREMENT.match(name))}
    missing = [name for name, each in carried.items() if each in rows() and f"`{name}`" not in rows()[each]]
    assert missing == []
