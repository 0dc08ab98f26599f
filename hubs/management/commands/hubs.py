"""`manage.py hubs`: every routed hub with its actions, and who may call them, in four formats."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hubs import matrix, typescript
from hubs.description import ActionDescription, HubDescription, described, routed_hubs
from hubs.management import matrices
from hubs.management.tables import aligned

COLUMNS = ("ACTION", "PARAMETERS", "ANSWERS", "ALSO NEEDS")


class Command(BaseCommand):
    help = "Lists the hubs of ASGI_APPLICATION: paths, actions, types, permissions; or who may call what."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", nargs="?", choices=("list", "matrix"), default="list")
        parser.add_argument("--format", choices=(*FORMATS, "typescript"), default="table")

    def handle(self, **options: Any) -> None:
        text = self._matrix(**options) if options["what"] == "matrix" else self._list(**options)
        self.stdout.write(text.rstrip("\n"))

    def _list(self, **options: Any) -> str:
        routed = routed_hubs()
        if options["format"] == "typescript":
            return typescript.written({each.hub for each in routed})
        return FORMATS[options["format"]]([described(each) for each in routed])

    def _matrix(self, **options: Any) -> str:
        if options["format"] not in matrices.FORMATS:
            raise CommandError("The matrix is a table, Markdown or JSON.")
        try:
            return matrices.FORMATS[options["format"]](asyncio.run(matrix.matrix()))
        except matrix.CannotBeAsked as error:
            raise CommandError(str(error)) from error


def as_table(hubs: Iterable[HubDescription]) -> str:
    return "\n\n".join("\n".join(_table_lines(hub)) for hub in hubs)


def as_markdown(hubs: Iterable[HubDescription]) -> str:
    return "\n\n".join("\n".join(_markdown_lines(hub)) for hub in hubs)


def as_json(hubs: Iterable[HubDescription]) -> str:
    return msgspec.json.format(msgspec.json.encode(list(hubs)), indent=2).decode()


FORMATS: dict[str, Callable[[Iterable[HubDescription]], str]] = {
    "table": as_table,
    "markdown": as_markdown,
    "json": as_json,
}


def _table_lines(hub: HubDescription) -> list[str]:
    return [
        f"{hub.path}  {hub.name}",
        f"  connecting needs {_needs(hub)}",
        *(f"  {line}" for line in aligned([COLUMNS, *map(_cells, hub.actions)])),
    ]


def _markdown_lines(hub: HubDescription) -> list[str]:
    return [
        f"## {hub.name}",
        "",
        *([hub.description, ""] if hub.description else []),
        f"At `{hub.path}`. Connecting needs {_needs(hub)}.",
        "",
        "| Action | Parameters | Answers | Also needs | What it does |",
        "| --- | --- | --- | --- | --- |",
        *(f"| {' | '.join(map(_code, _cells(each)))} | {_cell(each.description)} |" for each in hub.actions),
    ]


def _code(text: str) -> str:
    return f"`{_cell(text)}`" if text else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _cells(action: ActionDescription) -> tuple[str, str, str, str]:
    parameters = [
        f"{each.name}{'' if each.required else '?'}: {'stream of ' if each.upload_stream else ''}{each.type}"
        for each in action.parameters
    ]
    answers = f"stream of {action.returns}" if action.stream else action.returns
    return action.name, ", ".join(parameters), answers, ", ".join(action.permissions)


def _needs(hub: HubDescription) -> str:
    return f"{_all(hub.route_permissions)} (route) and {_all(hub.hub_permissions)} (hub)"


def _all(permissions: Sequence[str]) -> str:
    return ", ".join(permissions) or "nothing"
