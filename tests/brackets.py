"""Brackets around each translated text, so that words outside of them are found: somebody forgot those."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser

OPEN, CLOSE = "⟦", "⟧"
# What is put into a text is not translated with it, so it stands outside.
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
INSIDE = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
WORD = re.compile(r"[^\W\d_]{2,}")
# Names, marks and units that are the same in every language.
EVERYWHERE = (
    "Wardline",
    "NEWS2 © Royal College of Physicians 2017.",
    "NEWS2",
    "British English",
    "Deutsch",
    "mmHg",
)
READ_ALOUD = {"title", "aria-label", "placeholder", "alt"}
# What scripts show later is in these.
FOR_SCRIPTS = {"data-wrong", "data-silence", "data-somebody", "data-nobody"}


def marked(text: str) -> str:
    """The translation between brackets, each value that will stand in it outside of them."""
    return OPEN + PLACEHOLDER.sub(lambda found: CLOSE + found[0] + OPEN, text) + CLOSE


def known(data: Iterable[str]) -> re.Pattern[str]:
    """What is the same in every language: these, and what always is."""
    each = sorted({*EVERYWHERE, *data} - {""}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, each))})(?!\w)", re.IGNORECASE)


def outside(text: str, data: re.Pattern[str]) -> list[str]:
    """The words of a text that nobody has translated and that are no data either."""
    while INSIDE.search(text):
        text = INSIDE.sub(" ", text)
    return WORD.findall(data.sub(" ", text))


class Texts(HTMLParser):
    """Collects all that a page says, also to a screen reader, in templates and in what is hidden."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._silent = tag
        self.found += [value for name, value in attrs if name in READ_ALOUD | FOR_SCRIPTS and value]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._silent:
            self._silent = ""

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.found.append(" ".join(data.split()))
