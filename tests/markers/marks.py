"""Marks that stand nowhere but where a test has put them, and the search for any piece of one."""

import base64
import re
import secrets
from collections.abc import Iterator, Mapping

PIECE = 16  # letters; so much of a mark, in any spelling, is a leak
# Everything in which base 64, of both alphabets, or a mark can be written.
_RUN = re.compile(rf"[\w+/=-]{{{PIECE},}}", re.ASCII)
# What looks like a secret of ours though no test knows it: tokens, tickets, connection tokens.
_SHAPES = {
    "a JSON Web Token": re.compile(r"eyJ[\w-]{5,}\.[\w-]{8,}"),
    "a ticket": re.compile(r"ticket\.[\w-]{20,}"),
    "a connection token": re.compile(r"(?<![\w-])[\w-]{69,73}(?![\w-])", re.ASCII),
    "a bearer header": re.compile(r"(?i)bearer(?:\s|%20)+(?!\*\*\*|realm)[\w.~+/-]{8,}"),
}
PUBLIC = 22  # letters at the front of a connection token are the connection's id, which logs may name


class Marks:
    """Everything that must not be found, by name."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def new(self, name: str) -> str:
        """A mark of letters and digits, as an argument, a name or a password takes it."""
        mark = f"mark{secrets.token_hex(16)}"
        self.know(name, mark)
        return mark

    def know(self, name: str, secret: str) -> None:
        """A secret that the site itself has made: a token, say, or the value of a cookie."""
        for text in (secret, *_in_base64(secret)):
            for run in _RUN.findall(text):
                for start in range(len(run) - PIECE + 1):
                    self._names[run[start : start + PIECE]] = name

    def know_connection(self, token: str) -> None:
        self.know("connection token", token[PUBLIC:])

    def leaks(self, outputs: Mapping[str, str]) -> set[tuple[str, str]]:
        """(output, name of the mark) for each mark of which a piece is in an output."""
        return {(output, name) for output, text in outputs.items() for name in self._found(text)}

    def _found(self, text: str) -> Iterator[str]:
        for run in _RUN.findall(text):
            for start in range(len(run) - PIECE + 1):
                if name := self._names.get(run[start : start + PIECE]):
                    yield name
        for name, shape in _SHAPES.items():
            if shape.search(text):
                yield name


def _in_base64(secret: str) -> Iterator[str]:
    """In the three ways in which it can lie within groups of three bytes, without what depends on others."""
    for before in range(3):
        data = b"\0" * before + secret.encode(errors="surrogatepass")
        encoded = base64.b64encode(data[: len(data) // 3 * 3]).decode()
        inner = encoded[4 if before else 0 :]
        yield from {inner, inner.replace("+", "-").replace("/", "_")}
