import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from hubs.actions import action
from hubs.hub import Hub
from hubs.typescript import written

ROOT = Path(__file__).resolve().parents[2]
T = TypeVar("T")


class Note(msgspec.Struct, frozen=True, rename="camel"):
    """A note."""

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
    command = [str(ROOT / "node_modules/.bin/tsc"), "--noEmit", "--strict", "--skipLibCheck", "--types", ""]
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
