"""Reads the JSON body of a request, also a hostile one."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

MAXIMUM_LENGTH = 65_536


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
            raise ParseError(f"The body is larger than {MAXIMUM_LENGTH} bytes.")
        try:
            # JSON on the wire is UTF-8, and a charset parameter may name any codec of Python.
            return super().parse(BytesIO(body), media_type, {"encoding": "utf-8"})
        except RecursionError:
            raise ParseError("The body is nested too deeply.") from None
