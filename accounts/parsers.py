"""Reads the JSON body of a request, also a hostile one."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import IO, Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

MAXIMUM_LENGTH = 65_536


class BodyTooLarge(APIException):
    status_code = 413
    default_detail = f"The body is larger than {MAXIMUM_LENGTH} bytes."
    default_code = "too_large"


class SmallJSONParser(JSONParser):
    """JSON of at most 64 KiB; what cannot be read is the client's error and never ours."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(MAXIMUM_LENGTH + 1)
        if len(body) > MAXIMUM_LENGTH:
            raise BodyTooLarge
        try:
            # JSON on the wire is UTF-8, and a charset parameter may name any codec of Python.
            found = super().parse(BytesIO(body), media_type, {"encoding": "utf-8"})
            # Such characters can only come as escapes.
            if b"\\u" in body and not all(map(_is_text, _texts(found))):
                raise ParseError("The body has characters that no text can have.")
        except RecursionError:
            raise ParseError("The body is nested too deeply.") from None
        return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _is_text(text: str) -> bool:
    """NUL goes into no database, and half a surrogate pair into no answer."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
