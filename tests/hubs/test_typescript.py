"""The TypeScript of hubs: its text in detail, and that the compiler takes it beside the stock client."""

import enum
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypedDict, TypeVar
from uuid import UUID

import msgspec
import pytest

from hubs.actions import action
from hubs.hub import Hub
from hubs.typescript import written
from hubs.typescript_types import Types

ROOT = Path(__file__).resolve().parents[2]
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
    """What a client sends.

    Only the text is needed.
    """

    text: str
    for_day: date | None = None
    answers_to: "Draft | None" = None


@dataclass
class Weight:
    kilograms: Decimal
    by_hand: bool = False


class Address(TypedDict):
    street: str
    town: NotRequired[str]


class Point(NamedTuple):
    x: float
    y: float


class Page(msgspec.Struct, Generic[T]):
    items: list[T]


class NoteAdded(msgspec.Struct, frozen=True):
    note: Note


class DeskHub(Hub):
    """A desk."""

    events = (NoteAdded,)

    @action
    async def add(self, draft: Draft, copies: int = 1) -> Note:
        """Adds a note."""
        raise NotImplementedError

    @action
    async def weigh(self, patient_id: UUID) -> Weight | None:
        """Weighs.

        Twice.
        """

    @action(name="all-notes")
    async def all_notes(self) -> AsyncIterator[Note]:
        raise NotImplementedError

    @action
    async def sum(self, numbers: AsyncIterator[int], delete: bool = False) -> int:
        raise NotImplementedError

    @action
    async def page(self, number: int) -> Page[Note]:
        raise NotImplementedError

    @action
    async def forget(self) -> None:
        """Forgets."""


class SilentHub(Hub):
    @action
    async def anything(self, value: Any):
        return value


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


def test_a_hub_is_an_interface_of_what_clients_call():
    assert (
        "/** A desk. */\n"
        "export interface DeskHub {\n"
        "  /** Adds a note. */\n"
        "  Add(draft: Draft, copies?: number): Promise<Note>;\n"
        "  /**\n"
        "   * Weighs.\n"
        "   *\n"
        "   * Twice.\n"
        "   */\n"
        "  Weigh(patientId: string): Promise<Weight | null>;\n"
        '  "all-notes"(): IStreamResult<Note>;\n'
        "  Sum(numbers: Subject<number>, delete_?: boolean): Promise<number>;\n"
        "  Page(number: number): Promise<Page_Note>;\n"
        "  /** Forgets. */\n"
        "  Forget(): Promise<void>;\n"
        "}\n"
    ) in written([DeskHub])


def test_events_are_an_interface_of_what_clients_hear():
    module = written([DeskHub, SilentHub])
    assert (
        "export interface DeskHubEvents {\n  NoteAdded: (payload: NoteAdded, place: FeedPlace) => void;\n}\n"
    ) in module
    assert "export type DeskHubConnection = TypedConnection<DeskHub, DeskHubEvents>;\n" in module
    assert "SilentHubEvents" not in module


def test_the_text_does_not_depend_on_the_order_of_the_hubs():
    assert written([DeskHub, SilentHub]) == written([SilentHub, DeskHub])


GOOD = """\
import { HubConnectionBuilder, Subject } from "@microsoft/signalr";
import type { DeskHubConnection, Draft, Note, SilentHubConnection } from "./hubs";

export async function use(): Promise<void> {
  const desk = new HubConnectionBuilder().withUrl("/hubs/desk").build() as DeskHubConnection;
  await desk.start();
  const draft: Draft = { text: "short" };
  const note: Note = await desk.invoke("Add", draft);
  const weight = await desk.invoke("Weigh", note.noteId);
  const kilograms: number = weight === null ? 0 : weight.kilograms;
  desk.stream("all-notes").subscribe({
    next: (each) => console.log(each.writtenAt, kilograms),
    error: (error) => console.error(error),
    complete: () => {},
  });
  const numbers = new Subject<number>();
  const sum: Promise<number> = desk.invoke("Sum", numbers, true);
  numbers.next(1);
  numbers.complete();
  desk.on("NoteAdded", (payload, place) => console.log(payload.note.text, place.seq));
  desk.onclose((error) => console.error(error, sum));
  await desk.send("Forget");

  const silent = new HubConnectionBuilder().withUrl("/hubs/silent").build() as SilentHubConnection;
  silent.on("Whatever", (text: string) => console.log(text));
  const anything: unknown = await silent.invoke("Anything", [1, "two"]);
  console.log(anything);
}
"""

# One mistake a line; each must be the compiler's to find.
MISTAKES = {
    "an unknown method": 'desk.invoke("Nothing");',
    "a missing argument": 'desk.invoke("Weigh");',
    "an argument of another type": 'desk.invoke("Weigh", 5);',
    "a member of another type": 'desk.invoke("Add", { text: 5 });',
    "a stream that is invoked": 'desk.invoke("all-notes");',
    "a call that is streamed": 'desk.stream("Add", { text: "x" });',
    "a result of another type": 'const text: Promise<string> = desk.invoke("Sum", new Subject<number>());',
    "a stream of another type": 'desk.invoke("Sum", new Subject<string>());',
    "an unknown event": 'desk.on("NoteLost", () => {});',
    "an event's unknown member": 'desk.on("NoteAdded", (payload) => payload.author);',
}


def compiled(folder: Path, usage: str) -> str:
    """What the compiler says of the usage beside the hubs' module."""
    (folder / "hubs.ts").write_text(written([DeskHub, SilentHub]), encoding="utf-8")
    (folder / "usage.ts").write_text(usage, encoding="utf-8")
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    command = [ROOT / "node_modules/.bin/tsc", "--noEmit", "--strict", "--skipLibCheck", "--types", ""]
    command += ["--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022", "usage.ts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def test_the_compiler_takes_the_module_beside_the_stock_client(tmp_path):
    assert compiled(tmp_path, GOOD) == ""


def test_the_compiler_finds_every_mistake(tmp_path):
    head = (
        'import { Subject } from "@microsoft/signalr";\n'
        'import type { DeskHubConnection } from "./hubs";\n'
        "declare const desk: DeskHubConnection;\n"
    )
    said = compiled(tmp_path, head + "\n".join(MISTAKES.values()) + "\nexport {};\n")
    missed = [
        mistake
        for number, mistake in enumerate(MISTAKES, start=head.count("\n") + 1)
        if f"usage.ts({number}," not in said
    ]
    assert missed == []
