"""Imports go one way, config -> clinical -> accounts -> hubs, and the protocol is at the bottom of hubs."""

import ast
import sys

import pytest

from tests.project.sources import ROOT, Source, package, sources, tracked, within

# From the top down; a room may import those below it.
ROOMS = ["config", "clinical", "accounts", "hubs"]
# A worker and its connections know Django, Channels and each other; what lies below must not know them.
BOTTOM = ["hubs.protocol", "hubs.errors"]


def of_our_own(source: Source) -> list[str]:
    return [name for name in source.imports() if within(name, *ROOMS)]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_below_it(room: str) -> None:
    above = ROOMS[: ROOMS.index(room)]
    wrong = [
        f"{source.path} imports {name}"
        for source in package(room)
        for name in source.imports()
        if within(name, *above, "tests")
    ]
    assert wrong == []


def test_the_protocol_imports_only_the_standard_library_msgspec_and_itself() -> None:
    allowed = {*sys.stdlib_module_names, "msgspec"} - {"asyncio", "threading", "socket"}
    wrong = [
        f"{source.path} imports {name}"
        for source in package("hubs.protocol")
        for name in source.imports()
        if name.split(".")[0] not in allowed and not within(name, *BOTTOM)
    ]
    assert wrong == []


def test_the_protocol_never_waits() -> None:
    waiting = ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith
    wrong = [
        s.path for s in package("hubs.protocol") if any(isinstance(n, waiting) for n in ast.walk(s.tree))
    ]
    assert wrong == []


def test_errors_know_nothing_else_of_hubs() -> None:
    errors = next(source for source in sources() if source.path == "hubs/errors.py")
    assert [name for name in of_our_own(errors) if not within(name, *BOTTOM)] == []


def test_transports_know_bytes_and_not_what_hubs_do_with_them() -> None:
    forbidden = ("hubs.dispatch", "hubs.hub", "hubs.actions", "hubs.feeds", "hubs.models", "hubs.backplane")
    wrong = [
        f"{source.path} imports {name}"
        for source in package("hubs.transports")
        for name in source.imports()
        if within(name, *forbidden)
    ]
    assert wrong == []


def test_tokens_and_their_signing_are_the_only_places_that_know_simplejwt() -> None:
    importers = {s.path for s in sources() if any(within(n, "rest_framework_simplejwt") for n in s.imports())}
    assert {path for path in importers if not path.startswith("tests/")} == {
        "accounts/signing.py",
        "accounts/tokens.py",
    }


def test_connection_js_is_the_only_place_that_knows_signalr() -> None:
    modules = [path for path in tracked("*.js") if path.startswith("clinical/")]
    importers = [path for path in modules if "signalR" in (ROOT / path).read_text(encoding="utf-8")]
    assert [path.rsplit("/", 1)[1] for path in importers] == ["connection.js"]
