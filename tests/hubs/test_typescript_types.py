import enum
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypedDict, TypeVar
from uuid import UUID

import msgspec
import pytest

from hubs.typescript_types import Types, jsdoc, key

T = TypeVar("T")


class Colour(enum.StrEnum):
    """The colour of a band."""

    RED = "red"
    GREEN = "green"


class Urgency(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Note(msgspec.Struct, frozen=True, rename="camel"):
    """A note; may */ try to end a comment."""

    note_id: UUID
    written_at: datetime
    text: str = ""


class Draft(msgspec.Struct, rename="camel"):
    text: str
    answers_to: "Draft | None" = None


class Address(TypedDict):
    street: str
    town: NotRequired[str]


class Point(NamedTuple):
    x: float
    y: float


class Page(msgspec.Struct, Generic[T]):
    items: list[T]


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (str, "string"),
        (int, "number"),
        (float, "number"),
        (Decimal, "number"),
        (bool, "boolean"),
        (bytes, "string"),
        (UUID, "string"),
        (datetime, "string"),
        (None, "null"),
        (Any, "unknown"),
        (int | None, "number | null"),
        (int | float, "number"),
        (list[int], "number[]"),
        (set[str], "string[]"),
        (Sequence[int | None], "(number | null)[]"),
        (tuple[int, ...], "number[]"),
        (tuple[int, str], "[number, string]"),
        (dict[str, int], "Record<string, number>"),
        (Mapping[str, list[bool]], "Record<string, boolean[]>"),
        (Literal["a", "b", 1], '1 | "a" | "b"'),
        (Annotated[int, msgspec.Meta(ge=0)], "number"),
        (Colour, "Colour"),
        (Note, "Note"),
        (Page[int], "Page_int"),
    ],
)
def test_types_are_those_of_the_values_in_json(hint, expected):
    assert Types(sent=(), taken=()).of(hint) == expected


def declared(hint, *, sent=()):
    types = Types(sent=sent, taken=())
    types.of(hint)
    return "\n".join(types.declarations())


def test_enums_are_unions_of_their_values():
    assert declared(Colour) == '/** The colour of a band. */\nexport type Colour = "red" | "green";\n'
    assert declared(Urgency) == "export type Urgency = 1 | 2;\n"


def test_members_have_the_names_of_the_wire_and_comments_cannot_be_ended():
    assert declared(Note) == (
        "/** A note; may *\\/ try to end a comment. */\n"
        "export interface Note {\n  noteId: string;\n  writtenAt: string;\n  text: string;\n}\n"
    )


def test_a_member_with_a_default_may_be_left_out_of_what_is_sent_only():
    assert "  text: string;" in declared(Note)
    assert "  text?: string;" in declared(Note, sent=[list[Note]])


def test_what_may_be_missing_from_an_answer_is_optional():
    class Sparse(msgspec.Struct, omit_defaults=True):
        number: int = 0

    class Unset(msgspec.Struct):
        number: int | msgspec.UnsetType = msgspec.UNSET

    assert "  number?: number;" in declared(Sparse)
    assert "  number?: number;" in declared(Unset)
    assert "  street: string;\n  town?: string;" in declared(Address)


def test_records_that_travel_as_lists_are_tuples():
    class Pair(msgspec.Struct, array_like=True):
        left: int
        right: str

    assert declared(Point) == "export type Point = [number, number];\n"
    assert declared(Pair) == "export type Pair = [number, string];\n"


def test_a_tagged_struct_has_its_tag():
    class Cat(msgspec.Struct, tag_field="kind", tag="cat"):
        name: str

    assert 'export interface Cat {\n  kind: "cat";\n  name: string;\n}' in declared(Cat)


def test_a_struct_may_hold_itself():
    assert "  answersTo: Draft | null;" in declared(Draft)


def test_two_classes_of_one_name_are_told_apart():
    first = type("Twin", (msgspec.Struct,), {"__annotations__": {"a": int}})
    second = type("Twin", (msgspec.Struct,), {"__annotations__": {"b": int}})
    module = declared(tuple[first, second])
    assert "export interface Twin {\n  a: number;" in module
    assert "export interface Twin2 {\n  b: number;" in module


def test_a_comment_is_as_long_as_its_text():
    assert jsdoc("") == ""
    assert jsdoc("One.") == "/** One. */\n"
    assert jsdoc("One.\n\nTwo.", "  ") == "  /**\n   * One.\n   *\n   * Two.\n   */\n"


def test_a_name_that_is_none_in_typescript_is_quoted():
    assert [key("plain"), key("$1"), key("a-b"), key("1st")] == ["plain", "$1", '"a-b"', '"1st"']
