"""docs/faults.md has a row for each fault that is tried, and none for another."""

from tests.faults.ward.table import PAGE, faults, rows


def test_the_page_of_faults_lists_what_the_tests_break() -> None:
    assert rows(PAGE.read_text(encoding="utf-8")) == [fault.row for fault in faults()]
