"""To whom something is sent: all, groups, users or single connections of one hub, but not certain ones."""

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Kind = Literal["all", "group", "user", "client"]


class Audience(msgspec.Struct, frozen=True):
    """The connections of `hub` (its name) that are meant, on whichever worker they are."""

    hub: str
    kind: Kind
    names: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def to_layer(self) -> dict[str, Any]:
        """In types that every channel layer carries."""
        return {
            "hub": self.hub,
            "kind": self.kind,
            "names": list(self.names),
            "excluded": list(self.excluded),
        }

    @property
    def layer_group(self) -> str:
        """The group of the channel layer in which every worker is that may have one of them.

        Only a single group has a layer group of its own; a message for users, connections or several
        groups goes to all workers of the hub, once, and each of them knows its own.
        """
        if self.kind == "group" and len(self.names) == 1:
            return group_in_layer(self.hub, self.names[0])
        return hub_in_layer(self.hub)


def from_layer(message: Mapping[str, Any]) -> Audience:
    return Audience(message["hub"], message["kind"], tuple(message["names"]), tuple(message["excluded"]))


def hub_name(hub: type) -> str:
    """How workers call a hub among themselves."""
    return f"{hub.__module__}.{hub.__qualname__}"


def hub_in_layer(hub: str) -> str:
    return _legal("all", hub)


def group_in_layer(hub: str, group: str) -> str:
    return _legal("group", hub, group)


def _legal(kind: str, *names: str) -> str:
    """Layers allow ASCII letters, digits, hyphens, underscores and full stops, below 100 of them."""
    digest = hashlib.sha256("\0".join(names).encode()).hexdigest()
    return f"hubs.{kind}.{digest[:40]}"
