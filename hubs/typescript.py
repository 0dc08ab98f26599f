"""Writes hubs as a TypeScript module: what clients call, what they hear, and the types that travel."""

import re
from collections.abc import Iterable, Iterator

from hubs.actions import Action, Parameter
from hubs.description import docstring, result_type
from hubs.hub import Hub
from hubs.typescript_types import Types, interface, jsdoc, key

HEADER = """\
// Written by `manage.py hubs --format typescript`: the hubs as clients of the JSON protocol see them.

import type { HubConnection, IStreamResult, Subject } from "@microsoft/signalr";

type Calls<S> = { [M in keyof S]: S[M] extends (...a: any[]) => Promise<any> ? M : never }[keyof S];
type Streams<S> = { [M in keyof S]: S[M] extends (...a: any[]) => IStreamResult<any> ? M : never }[keyof S];
type Arguments<F> = F extends (...a: infer A) => any ? A : never;
type Result<F> = F extends (...a: any[]) => infer R ? R : never;
type AnyEvents = Record<string, (...a: any[]) => void>;

/** A HubConnection that knows its hub: `builder.build() as ClinicalDashboardHubConnection`. */
export interface TypedConnection<Server, Client = AnyEvents>
  extends Omit<HubConnection, "invoke" | "send" | "stream" | "on" | "off"> {
  invoke<M extends Calls<Server>>(method: M, ...args: Arguments<Server[M]>): Result<Server[M]>;
  send<M extends Calls<Server>>(method: M, ...args: Arguments<Server[M]>): Promise<void>;
  stream<M extends Streams<Server>>(method: M, ...args: Arguments<Server[M]>): Result<Server[M]>;
  on<E extends keyof Client>(event: E, handler: Client[E]): void;
  off<E extends keyof Client>(event: E, handler?: Client[E]): void;
}

/** Where an event stands in its feed; `after` is how far this connection had been served before it. */
export interface FeedPlace {
  feed: string;
  epoch: number;
  after: number;
  seq: number;
  at: string;
}
"""

_TAKEN = {*re.findall(r"(?:type|interface) (\w+)", HEADER), "HubConnection", "IStreamResult", "Subject"}

# Names of parameters in Python that are words of the language in TypeScript.
_RESERVED = re.compile(
    "arguments|case|catch|const|debugger|default|delete|do|enum|eval|export|extends|function|implements|"
    "instanceof|interface|let|new|null|package|private|protected|public|static|super|switch|this|throw|"
    "typeof|var|void"
)


def written(hubs: Iterable[type[Hub]]) -> str:
    """The whole module, the same for the same hubs."""
    ordered = sorted(hubs, key=lambda hub: (hub.__name__, hub.__module__))
    parameters = [each.type for hub in ordered for action in hub.actions() for each in action.parameters]
    types = Types(sent=parameters, taken=_TAKEN)
    parts = [part for hub in ordered for part in _hub(hub, types)]
    return "\n".join([HEADER, *parts, *types.declarations()])


def _hub(hub: type[Hub], types: Types) -> Iterator[str]:
    name = types.name(hub)
    yield interface(name, docstring(hub), [_method(action, types) for action in hub.actions()])
    events = ""
    if hub.events:
        events = f", {name}Events"
        yield interface(f"{name}Events", "", [_handler(event, types) for event in hub.events])
    yield f"export type {name}Connection = TypedConnection<{name}{events}>;\n"


def _method(action: Action, types: Types) -> str:
    result = types.of(result_type(action))
    if action.is_stream:
        answer = f"IStreamResult<{result}>"
    else:
        answer = f"Promise<{'void' if result == 'null' else result}>"
    parameters = ", ".join(_parameters(action.parameters, types))
    return f"{jsdoc(docstring(action.function), '  ')}  {key(action.name)}({parameters}): {answer};"


def _parameters(parameters: tuple[Parameter, ...], types: Types) -> Iterator[str]:
    for index, parameter in enumerate(parameters):
        # TypeScript has optional parameters at the end only.
        optional = not any(each.required for each in parameters[index:])
        item = types.of(parameter.type)
        argument = f"Subject<{item}>" if parameter.is_stream else item
        yield f"{_argument_name(parameter.name)}{'?' if optional else ''}: {argument}"


def _handler(event: type, types: Types) -> str:
    return f"  {key(event.__name__)}: (payload: {types.of(event)}, place: FeedPlace) => void;"


def _argument_name(name: str) -> str:
    first, *rest = [part for part in name.split("_") if part] or [name]
    camel = first + "".join(part.capitalize() for part in rest)
    return f"{camel}_" if _RESERVED.fullmatch(camel) else camel
