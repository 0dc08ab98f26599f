"""What clients and the server said in the recordings, as bytes to start from."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from hubs.protocol.framing import RECORD_SEPARATOR, with_prefix

TRANSCRIPTS = Path(__file__).parents[1] / "conformance" / "transcripts"
SHORT = 4_096  # bytes; a long frame costs time and shows nothing more


@cache
def frames(protocol: str) -> tuple[bytes, ...]:
    """The hub messages of both sides, whole payloads as they were sent, each once."""
    found = {frame for script in _scripts() for frame in _frames_of(script, protocol)}
    return tuple(sorted(frame for frame in found if 0 < len(frame) <= SHORT))


@cache
def handshakes() -> tuple[bytes, ...]:
    found = {
        _json(step["handshake"])
        for script in _scripts()
        for step in script["steps"]
        if isinstance(step.get("handshake"), dict)
    }
    return tuple(sorted(found | {b'{"protocol":"messagepack","version":1}\x1e'}))


@cache
def conversations() -> tuple[tuple[str, tuple[bytes, ...]], ...]:
    """(protocol, payloads) of one client in each recording, in their order."""
    return tuple((_protocol_of(script), tuple(_sent(script))) for script in _scripts())


@cache
def _scripts() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(path.read_text()) for path in sorted(TRANSCRIPTS.glob("*.json")))


def _frames_of(script: dict[str, Any], protocol: str) -> Iterator[bytes]:
    if _protocol_of(script) == protocol:
        yield from _sent(script)
        for step in script["steps"]:
            if step["do"] == "recv":
                yield _payload(protocol, step.get("expect", {}).get("messages", []))


def _sent(script: dict[str, Any]) -> Iterator[bytes]:
    for step in script["steps"]:
        if step["do"] == "send" and "messages" in step:
            yield _payload(_protocol_of(script), step["messages"])
        elif step["do"] == "send" and "text" in step:
            yield step["text"].encode()
        elif step["do"] == "send" and "hex" in step:
            yield bytes.fromhex(step["hex"])


def _protocol_of(script: dict[str, Any]) -> str:
    is_binary = any(step.get("protocol") == "msgpack" for step in script["steps"])
    return "messagepack" if is_binary else "json"


def _payload(protocol: str, messages: list[Any]) -> bytes:
    if protocol == "json":
        return b"".join(_json(message) for message in messages)
    return b"".join(with_prefix(msgspec.msgpack.encode(_packable(message))) for message in messages)


def _json(message: Any) -> bytes:
    return msgspec.json.encode(message) + RECORD_SEPARATOR


def _packable(value: Any) -> Any:
    """A value of the recordings with its bytes and extensions as such."""
    match value:
        case {"<bin>": digits}:
            return bytes.fromhex(digits)
        case {"<ext>": [number, digits]}:
            return msgspec.msgpack.Ext(number, bytes.fromhex(digits))
        case {"<timestamp>": [seconds, _]}:
            return msgspec.msgpack.Ext(-1, (int(seconds) & 2**34 - 1).to_bytes(8, "big"))
        case list():
            return [_packable(item) for item in value]
        case dict():
            return {key: _packable(item) for key, item in value.items()}
    return value
