import json

from hubs.management.matrices import as_json, as_markdown, as_table
from hubs.matrix import Row

ALLOWED = {"clerk": True, "no token": False}
ROWS = [
    Row("/hubs/desk", "Desk", None, ["AllowAny"], ALLOWED, ""),
    Row("/hubs/desk", "Desk", "Take", ["(IsClerk | OwnDesk)"], ALLOWED, "own desk"),
    Row("/hubs/door", "Door", None, ["IsClerk"], {"clerk": False, "no token": False}, ""),
]


def test_the_table_has_a_line_an_action_and_a_column_a_role():
    assert as_table(ROWS).splitlines() == [
        "/hubs/desk  Desk",
        "  Action     Needs                clerk  no token  On what",
        "  (connect)  AllowAny             yes    no",
        "  Take       (IsClerk | OwnDesk)  yes    no        own desk",
        "",
        "/hubs/door  Door",
        "  Action     Needs    clerk  no token  On what",
        "  (connect)  IsClerk  no     no",
    ]


def test_markdown_is_a_page_with_a_section_a_hub():
    page = as_markdown(ROWS).splitlines()
    assert page[0] == "# Who may call what"
    assert page[page.index("## Desk at `/hubs/desk`") :] == [
        "## Desk at `/hubs/desk`",
        "",
        "| Action | Needs | clerk | no token | On what |",
        "| --- | --- | --- | --- | --- |",
        "| (connect) | `AllowAny` | yes | no |  |",
        r"| `Take` | `(IsClerk \| OwnDesk)` | yes | no | own desk |",
        "",
        "## Door at `/hubs/door`",
        "",
        "| Action | Needs | clerk | no token | On what |",
        "| --- | --- | --- | --- | --- |",
        "| (connect) | `IsClerk` | no | no |  |",
    ]


def test_json_holds_every_cell():
    assert json.loads(as_json(ROWS))[1] == {
        "path": "/hubs/desk",
        "hub": "Desk",
        "action": "Take",
        "needs": ["(IsClerk | OwnDesk)"],
        "allowed": {"clerk": True, "no token": False},
        "resource": "own desk",
    }
