"""What a run says to the person at the terminal."""

import sys


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this program talks to a person


def complain(text: object) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - this program talks to a person
