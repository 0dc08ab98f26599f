"""Values from outside are read in one place, and a wrong one is named."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment


def test_a_secret_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from the file\n", encoding="utf-8")
    monkeypatch.setenv("KEY", "from the variable")
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "key"))
    assert environment.text("KEY") == "from the file"


def test_a_secret_whose_file_is_gone_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KEY_FILE", str(tmp_path / "gone"))
    with pytest.raises(ImproperlyConfigured, match="KEY_FILE"):
        environment.text("KEY")


def test_a_missing_variable_without_a_default_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEY", raising=False)
    with pytest.raises(ImproperlyConfigured, match="Set KEY "):
        environment.text("KEY")


@pytest.mark.parametrize(
    ("written", "meant"), [("yes", True), ("TRUE", True), ("1", True), ("no", False), ("Off", False)]
)
def test_a_flag_is_yes_or_no(monkeypatch: pytest.MonkeyPatch, written: str, meant: bool) -> None:
    monkeypatch.setenv("FLAG", written)
    assert environment.flag("FLAG", default=not meant) is meant


@pytest.mark.parametrize("written", ["", "maybe", "ja"])
def test_a_flag_that_is_neither_is_named(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("FLAG", written)
    with pytest.raises(ImproperlyConfigured, match="FLAG"):
        environment.flag("FLAG", default=False)


def test_a_list_is_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIST", " a, b ,,c")
    assert environment.words("LIST") == ["a", "b", "c"]
