"""The German catalogues: complete, compiled, and of one mind about what page and browser both say."""

import gettext
import re
from functools import cache
from pathlib import Path

import pytest

from clinical import board_page

FOLDER = Path(board_page.__file__).parent / "locale" / "de" / "LC_MESSAGES"
DOMAINS = ("django", "djangojs")
ENTRY = re.compile(
    r'^msgid (?P<key>(?:"[^\n]*"\n)+)(?P<rest>(?:^msg[^\n]*\n(?:"[^\n]*"\n)*)+)',
    re.MULTILINE,
)
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")


def joined(quoted: str) -> str:
    """The text of one or more quoted lines."""
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', quoted)).replace('\\"', '"').replace("\\n", "\n")


@cache
def written(domain: str) -> dict[str, list[str]]:
    """The translations of a catalogue by their texts: one each, or one a plural form."""
    source = (FOLDER / f"{domain}.po").read_text(encoding="utf-8") + "\n"
    found = {}
    for entry in ENTRY.finditer(source):
        forms = re.findall(r'^msgstr(?:\[\d\])? ((?:"[^\n]*"\n)+)', entry["rest"], re.MULTILINE)
        found[joined(entry["key"])] = [joined(form) for form in forms]
    assert found.pop("")
    return found


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_text_has_a_translation_with_the_same_values_in_it(domain: str) -> None:
    assert len(written(domain)) > 50
    for text, translations in written(domain).items():
        assert all(translations), text
        for translation in translations:
            assert set(PLACEHOLDER.findall(translation)) == set(PLACEHOLDER.findall(text)), text


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_compiled_catalogue_is_that_of_the_written_one(domain: str) -> None:
    with (FOLDER / f"{domain}.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    context = {"RED": "three points in one parameter"} if domain == "django" else {}
    for text, translations in written(domain).items():
        if len(translations) == 1:
            found = compiled.pgettext(context[text], text) if text in context else compiled.gettext(text)
            assert found == translations[0]
        else:
            assert [compiled.ngettext(text, "", count) for count in (1, 2)] == translations


def test_page_and_browser_say_the_same() -> None:
    page, browser = (written(domain) for domain in DOMAINS)
    both = page.keys() & browser.keys()
    assert len(both) > 40
    assert {text for text in both if page[text] != browser[text]} == set()
