"""The keys that sign access and refresh tokens: the first signs, all of them verify."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ImproperlyConfigured

MINIMUM_BYTES = 32  # as many as the hash of HS256 has (RFC 8725, section 3.5)
ENTRY = re.compile(r"([A-Za-z0-9._-]{0,64}):(\S+)")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Its id is the `kid` of its tokens; those of a key without an id carry none."""

    id: str | None
    secret: str = field(repr=False)

    def __str__(self) -> str:
        return "JWT_SIGNING_KEY" if self.id is None else f"The key {self.id!r} of JWT_SIGNING_KEYS"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the keys, with the id of its system check; quotes no secret."""

    id: str
    text: str


def read(text: str) -> tuple[SigningKey, ...]:
    """`ID:SECRET` each, apart by commas or lines, the one that signs first.

    `:SECRET` is a key without an id: how JWT_SIGNING_KEY takes part in its own rotation.
    """
    keys = []
    for place, entry in enumerate(filter(None, re.split(r"[\s,]+", text)), 1):
        if (match := ENTRY.fullmatch(entry)) is None:
            raise ImproperlyConfigured(f"Key {place} of JWT_SIGNING_KEYS is not ID:SECRET.")
        keys.append(SigningKey(match[1] or None, match[2]))
    return tuple(keys)


def faults(keys: Sequence[SigningKey], secret_keys: Collection[str]) -> Iterator[Fault]:
    """What makes the keys unsafe beside Django's own."""
    for key in keys:
        if len(key.secret.encode()) < MINIMUM_BYTES:
            yield Fault("accounts.E001", f"{key} needs {MINIMUM_BYTES} bytes or more.")
        if key.secret in secret_keys:
            yield Fault("accounts.E002", f"{key} must differ from SECRET_KEY and its fallbacks.")
    ids = [key.id for key in keys]
    for key in keys:
        if ids.count(key.id) > 1:
            yield Fault("accounts.E003", f"{key} has the id of another key.")
    if len({key.secret for key in keys}) < len(keys):
        yield Fault("accounts.E004", "JWT_SIGNING_KEYS holds one secret twice: nothing is rotated.")
