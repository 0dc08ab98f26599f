import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.hubs.management.routes import IsClerk


def printed(*arguments):
    out = StringIO()
    call_command("hubs", *arguments, stdout=out)
    return out.getvalue()


def test_every_routed_hub_is_listed_once_with_its_readable_path():
    headings = [line for line in printed().splitlines() if line.startswith("/")]
    assert headings == ["/hubs/back  BackDoor", "/hubs/front-desk  Desk"]


def test_the_table_says_who_may_call_what():
    _, desk = printed().split("\n\n")
    assert desk.splitlines()[1:] == [
        "  connecting needs IsAuthenticated (route) and AllowAny (hub)",
        "  ACTION  PARAMETERS                    ANSWERS                 ALSO NEEDS",
        "  Take    letter: Letter, copies?: int  UUID | None",
        "  copies  letters: stream of Letter     stream of list[Letter]  (IsClerk | ~IsClerk)",
    ]


def test_a_route_without_permission_classes_asks_for_nothing():
    assert "connecting needs nothing (route) and IsAuthenticated, IsClerk (hub)" in printed()


def test_markdown_is_one_section_a_hub():
    lines = printed("--format", "markdown").splitlines()
    assert lines[lines.index("## Desk") :] == [
        "## Desk",
        "",
        "Takes letters | gives answers.",
        "",
        "At `/hubs/front-desk`. Connecting needs IsAuthenticated (route) and AllowAny (hub).",
        "",
        "| Action | Parameters | Answers | Also needs | What it does |",
        "| --- | --- | --- | --- | --- |",
        r"| `Take` | `letter: Letter, copies?: int` | `UUID \| None` |  | Takes a letter. |",
        r"| `copies` | `letters: stream of Letter` | `stream of list[Letter]` | `(IsClerk \| ~IsClerk)` |  |",
    ]


def test_json_holds_everything_for_other_programs():
    _, desk = json.loads(printed("--format", "json"))
    assert desk["path"] == "/hubs/front-desk"
    assert (desk["routePermissions"], desk["hubPermissions"]) == (["IsAuthenticated"], ["AllowAny"])
    assert desk["actions"][0] == {
        "name": "Take",
        "description": "Takes a letter.",
        "parameters": [
            {"name": "letter", "type": "Letter", "required": True, "uploadStream": False},
            {"name": "copies", "type": "int", "required": False, "uploadStream": False},
        ],
        "returns": "UUID | None",
        "stream": False,
        "permissions": [],
    }
    assert desk["actions"][1]["stream"]
    assert desk["actions"][1]["parameters"][0]["uploadStream"]
    assert desk["actions"][1]["permissions"] == ["(IsClerk | ~IsClerk)"]


def test_typescript_holds_the_routed_hubs():
    module = printed("--format", "typescript")
    assert "export interface Desk {" in module
    assert "export interface BackDoor {" in module


def test_another_format_is_refused():
    with pytest.raises(CommandError, match="invalid choice"):
        printed("--format", "xml")


def test_the_matrix_is_printed_in_three_formats():
    assert "/hubs/front-desk  Desk" in printed("matrix")
    assert printed("matrix", "--format", "markdown").startswith("# Who may call what\n")
    assert json.loads(printed("matrix", "--format", "json"))[0]["path"] == "/hubs/back"
    with pytest.raises(CommandError, match="a table, Markdown or JSON"):
        printed("matrix", "--format", "typescript")


def test_a_class_that_cannot_be_asked_is_an_error_with_its_remedy(monkeypatch):
    monkeypatch.setattr(IsClerk, "has_permission", lambda self, request: request.arguments["desk"])
    with pytest.raises(CommandError, match=r"^IsClerk cannot say"):
        printed("matrix")
