"""docs/security.md names the tests that hold each requirement, and no others."""

import re

from tests.project.sources import ROOT, sources

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
# How many requirements each group has.
GROUPS = {"JW": 13, "TR": 9, "UQ": 6, "SE": 9, "AZ": 6, "IN": 5, "DS": 4, "LG": 4}
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


def test_every_requirement_is_held_by_a_test_that_carries_its_id_or_the_page_says_why_not() -> None:
    wrong = [
        each
        for each, row in rows().items()
        if f"`test_{each.replace('-', '_')}_" not in row and not re.search("does not apply|Not yet", row)
    ]
    assert wrong == []


def test_every_requirement_is_in_its_groups_table() -> None:
    for group, count in GROUPS.items():
        found = [each for each in rows() if each.startswith(group)]
        assert found == [f"{group}-{number}" for number in range(1, count + 1)]
    assert len(rows()) == sum(GROUPS.values())


def test_a_test_that_carries_an_id_of_the_tables_is_named_there() -> None:
    carried = {name: f"{match[1]}-{match[2]}" for name in functions() if (match := REQUIREMENT.match(name))}
    missing = [name for name, each in carried.items() if each in rows() and f"`{name}`" not in rows()[each]]
    assert missing == []
