"""What an event says of itself in the log: name, payload, version of its shape, and what it replaces."""

import msgspec


def name_of(event: msgspec.Struct) -> str:
    """The class's name, which is the client method's as well."""
    return type(event).__name__


def payload_of(event: msgspec.Struct) -> str:
    return msgspec.json.encode(event).decode()


def schema_of(kind: type[msgspec.Struct]) -> int:
    """`SCHEMA: ClassVar[int]` of the class, 1 without one: who changes the shape counts it up."""
    schema = getattr(kind, "SCHEMA", 1)
    # Without ClassVar it would be a field of the payload, and here a descriptor.
    if type(schema) is not int or not 0 < schema < 2**15:
        raise TypeError(f"SCHEMA of {kind.__name__} must be a ClassVar[int] from 1 to 32767.")
    return schema


def merge_key_of(event: msgspec.Struct) -> str:
    """`merge_key` of the event: of several missed ones with the same name and key only the newest counts."""
    key = getattr(event, "merge_key", "")
    if not isinstance(key, str):
        raise TypeError(f"merge_key of {name_of(event)} must be text.")
    return key
