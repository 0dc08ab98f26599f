"""How the keys are written down, and what is wrong with keys that are unsafe."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts import keys
from accounts.keys import SigningKey

OLD, NEW = SigningKey("2026-05", "o" * 40), SigningKey("2026-11", "n" * 40)


@pytest.mark.parametrize(
    "text",
    [
        f"2026-11:{'n' * 40},2026-05:{'o' * 40}",
        f"2026-11:{'n' * 40}, 2026-05:{'o' * 40},",
        f"2026-11:{'n' * 40}\n2026-05:{'o' * 40}\n",
        f"\r\n2026-11:{'n' * 40}\r\n\r\n2026-05:{'o' * 40}",
    ],
)
def test_keys_are_read_in_their_order_from_a_line_or_a_file(text: str) -> None:
    assert keys.read(text) == (NEW, OLD)


def test_a_secret_may_hold_colons() -> None:
    assert keys.read("a:b:c") == (SigningKey("a", "b:c"),)


def test_an_entry_without_an_id_is_a_key_like_that_of_the_other_variable() -> None:
    assert keys.read(f":{'u' * 40},a:b") == (SigningKey(None, "u" * 40), SigningKey("a", "b"))


@pytest.mark.parametrize("text", ["", " ", "\n", ","])
def test_nothing_is_no_key(text: str) -> None:
    assert keys.read(text) == ()


@pytest.mark.parametrize("entry", ["hidden", ":", "hidden:", "../hidden:x", "é:hidden", f"{'k' * 65}:hidden"])
def test_an_entry_that_cannot_be_read_is_named_by_its_place_and_not_quoted(entry: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        keys.read(f"2026-11:{'n' * 40},{entry}")
    assert str(caught.value) == "Key 2 of JWT_SIGNING_KEYS is not ID:SECRET."


def test_no_key_shows_its_secret() -> None:
    assert OLD.secret not in f"{OLD} {OLD!r} {[OLD]}"


def found(*some: SigningKey) -> list[str]:
    return [fault.id for fault in keys.faults(some, ["django" * 10])]


def test_good_keys_have_no_fault() -> None:
    assert found(NEW, OLD, SigningKey(None, "x" * 32)) == []


def test_JW_7_a_key_has_256_bits_and_is_not_that_of_django() -> None:
    assert found(SigningKey(None, "x" * 31)) == ["accounts.E001"]
    assert found(NEW, SigningKey("old", "x" * 31)) == ["accounts.E001"]
    assert found(SigningKey("short", "é" * 16)) == []  # bytes count, not characters
    assert found(NEW, SigningKey(None, "django" * 10)) == ["accounts.E002"]


def test_an_id_or_a_secret_that_comes_twice_is_a_fault() -> None:
    assert found(OLD, SigningKey(OLD.id, "other" * 10)) == ["accounts.E003"] * 2
    assert found(OLD, SigningKey("other", OLD.secret)) == ["accounts.E004"]


def test_a_fault_quotes_no_secret() -> None:
    for fault in keys.faults([SigningKey("a", "hidden"), SigningKey("a", "hidden")], ["hidden"]):
        assert "hidden" not in fault.text
