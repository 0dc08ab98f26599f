"""Describes the API in OpenAPI's words: shapes, refusals, and the ways to say who is asking; docs/api.md."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import msgspec
from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

REFERENCE = "#/components/schemas/{name}"
# As text too: digits that a binary number would round.
DECIMAL = {"anyOf": [{"type": "number"}, {"type": "string", "format": "decimal"}]}


class Problem(msgspec.Struct, omit_defaults=True):
    """Why it was refused. With `errors`, what is wrong with which member; "" is the whole."""

    detail: str
    errors: dict[str, str] = {}


REFUSALS: dict[int, tuple[Any, str]] = {
    400: (Problem, "The body is not of this shape, or says what cannot be."),
    401: (Problem, "Without a token, or with one that is not good any more."),
    403: (Problem, "Not for this role."),
    404: (Problem, "Not found, or not available to you."),
    409: (Problem, "Not possible as things stand: somebody was first, or the key is used up."),
    413: (Problem, "The body is larger than 64 KiB."),
    415: (Problem, "The body is no JSON."),
    423: (Problem, "The screen is locked."),
    429: (None, "Too many tries of passwords from this address. The proxy says so, not in JSON."),
}


def operation(
    name: str,
    answer: Any,
    *refusals: int,
    status: int = 200,
    takes: Any = None,
    parameters: Sequence[OpenApiParameter] = (),
    example: Any = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Describes a method of a view, whose docstring says the rest; what it takes is JSON."""
    refused = {each: OpenApiResponse(*REFUSALS[each]) for each in refusals}
    examples = [] if example is None else [OpenApiExample("example", value=example, request_only=True)]
    return extend_schema(
        operation_id=name,
        request=takes,
        responses={status: answer} | refused,
        parameters=parameters,
        examples=examples,
    )


@cache
def description() -> dict[str, Any]:
    """The whole API as it stands; it changes with the code only."""
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


class ListOf:
    """Stands for a JSON array of a shape."""

    def __init__(self, item: type[msgspec.Struct]) -> None:
        self.item = item


class StructShape(OpenApiSerializerExtension):
    """A msgspec struct as it is on the wire, with all that it is made of."""

    target_class = msgspec.Struct
    match_subclasses = True

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        return str(self.target.__name__)

    def get_identity(self, auto_schema: Any, direction: Any) -> str:
        # Parts of other shapes are known by their names only.
        return self.get_name(auto_schema, direction)

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        _, found = msgspec.json.schema_components([self.target], ref_template=REFERENCE)
        own, *parts = sorted(found.items(), key=lambda each: each[0] != self.target.__name__)
        for name, schema in parts:
            part = ResolvedComponent(name, ResolvedComponent.SCHEMA, _with_decimals(schema), object=name)
            auto_schema.registry.register_on_missing(part)
        shape: dict[str, Any] = _with_decimals(own[1])
        return shape


class ListShape(OpenApiSerializerExtension):
    target_class = ListOf

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        return f"{self.target.item.__name__}List"

    def get_identity(self, auto_schema: Any, direction: Any) -> str:
        return self.get_name(auto_schema, direction)

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "array", "items": auto_schema.resolve_serializer(self.target.item, direction).ref}


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class LoginScheme(OpenApiAuthenticationExtension):
    """The board's own pages; whatever writes needs the CSRF token beside the cookie."""

    target_class = "accounts.authentication.LoginSessionAuthentication"
    name = ["session", "csrf"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        return [
            {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
            {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
        ]


def _with_decimals(schema: Any) -> Any:
    """msgspec writes decimals as text, and takes numbers as well."""
    if isinstance(schema, list):
        return [_with_decimals(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "decimal":
        return DECIMAL
    return {name: _with_decimals(each) for name, each in schema.items()}
