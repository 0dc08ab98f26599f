"""The hub protocols by name, and what each of them offers."""

from typing import Any, Protocol

from hubs.protocol import json_protocol, messagepack_protocol
from hubs.protocol.messages import Message


class Framing(Protocol):
    """Cuts received bytes into messages."""

    def feed(self, data: bytes) -> list[bytes]: ...


class HubProtocol(Protocol):
    """One encoding of the messages; a module with these names is one."""

    NAME: str
    BINARY: bool

    def framing(self, limit: int) -> Framing: ...
    def parse(self, data: bytes) -> Message | None: ...
    def encode(self, message: Message) -> bytes: ...
    def convert(self, value: Any, to: Any) -> Any: ...
    def embed(self, json_text: bytes) -> Any: ...


PROTOCOLS: dict[str, HubProtocol] = {
    json_protocol.NAME: json_protocol,
    messagepack_protocol.NAME: messagepack_protocol,
}
