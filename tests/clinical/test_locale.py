"""The German catalogues: complete, compiled, and of one mind about what page and browser both say."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from clinical import board_page

ROOT = Path(board_page.__file__).parents[1]
FOLDER = Path("clinical/locale/de/LC_MESSAGES")
DOMAINS = ("django", "djangojs")
ENTRY = re.compile(
    r'^(?:msgctxt (?P<context>"[^\n]*")\n)?msgid (?P<key>(?:"[^\n]*"\n)+)'
    r'(?P<rest>(?:^msg(?:id_plural|str)[^\n]*\n(?:"[^\n]*"\n)*)+)',
    re.MULTILINE,
)
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")
# By context, empty for none, and text.
Catalogue = dict[tuple[str, str], list[str]]

# What scripts read and never show: the stock client's own words, and refusals as they come over the wire.
FOR_MACHINES = {
    "on the server.",
    "not in the 'Connected' State",
    "because user is unauthorized",
    "Server timeout elapsed",
}
COMMENT = re.compile(r"^\s*(?:/\*\*.*?\*/|//[^\n]*$)", re.MULTILINE | re.DOTALL)
TRANSLATED = re.compile(r'n?gettext\((?:"[^"]*"(?:, )?)+|"[^"]*": (?=gettext)|new Error\([^)]*\)')
LITERAL = re.compile(r'"([^"\n]*)"|`([^`]*)`')
# What begins with another character selects elements, or asks the browser for something.
SENTENCE = re.compile(r"^(?=[A-Za-z$%]).*?[A-Za-z]{2,}[,:]? (?:[a-z]{2,}|\$)")


def joined(quoted: str) -> str:
    """The text of one or more quoted lines."""
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', quoted)).replace('\\"', '"').replace("\\n", "\n")


@cache
def written(domain: str, root: Path = ROOT) -> Catalogue:
    """The translations of a catalogue by their texts: one each, or one a plural form."""
    source = (root / FOLDER / f"{domain}.po").read_text(encoding="utf-8") + "\n"
    found = {}
    for entry in ENTRY.finditer(source):
        forms = re.findall(r'^msgstr(?:\[\d\])? ((?:"[^\n]*"\n)+)', entry["rest"], re.MULTILINE)
        found[joined(entry["context"] or ""), joined(entry["key"])] = [joined(form) for form in forms]
    assert found.pop(("", ""))
    return found


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_text_has_a_translation_with_the_same_values_in_it(domain: str) -> None:
    assert len(written(domain)) > 100
    for (_, text), translations in written(domain).items():
        assert all(translations), text
        for translation in translations:
            assert set(PLACEHOLDER.findall(translation)) == set(PLACEHOLDER.findall(text)), text


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_translation_is_a_guess_or_of_a_text_that_is_gone(domain: str) -> None:
    source = (ROOT / FOLDER / f"{domain}.po").read_text(encoding="utf-8")
    assert not re.search(r"^#,.*\bfuzzy\b|^#~", source, re.MULTILINE)


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_compiled_catalogue_is_that_of_the_written_one(domain: str) -> None:
    with (ROOT / FOLDER / f"{domain}.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for (context, text), translations in written(domain).items():
        if len(translations) == 1:
            found = compiled.pgettext(context, text) if context else compiled.gettext(text)
            assert found == translations[0]
        else:
            assert [compiled.ngettext(text, "", count) for count in (1, 2)] == translations


@pytest.mark.long  # starts a program for each catalogue
@pytest.mark.parametrize("domain", DOMAINS)
def test_every_text_of_pages_and_scripts_is_in_the_catalogue(domain: str, tmp_path: Path) -> None:
    for room in ("accounts", "clinical", "config", "hubs"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", tmp_path)
    collect = [sys.executable, "manage.py", "makemessages", "--locale", "de", "--domain", domain]
    subprocess.run(
        [*collect, "--no-location", "--no-obsolete"],
        cwd=tmp_path,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        check=True,
        capture_output=True,
    )
    assert written(domain, tmp_path).keys() == written(domain).keys()


def test_page_and_browser_say_the_same() -> None:
    page, browser = (written(domain) for domain in DOMAINS)
    both = page.keys() & browser.keys()
    assert len(both) > 60
    assert {text for text in both if page[text] != browser[text]} == set()


def test_no_script_has_a_sentence_that_is_not_to_be_translated() -> None:
    found = []
    for script in sorted((ROOT / "clinical" / "static" / "clinical" / "js").glob("*.js")):
        source = TRANSLATED.sub("", COMMENT.sub("", script.read_text(encoding="utf-8")))
        literals = {first or second for first, second in LITERAL.findall(source)}
        found += [f"{script.name}: {each}" for each in literals - FOR_MACHINES if SENTENCE.search(each)]
    assert found == []
