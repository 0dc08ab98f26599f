from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import re_path

from hubs.actions import action
from hubs.description import docstring, result_type, routed_hubs, type_name
from hubs.endpoint import hub_path
from hubs.hub import Hub
from hubs.permissions import AllowAny, IsAuthenticated


class Desk(Hub):
    permission_classes = [AllowAny]

    @action
    async def plain(self) -> list[UUID]:
        return []

    @action
    async def generated(self) -> AsyncIterator[int]:
        yield 1

    @action
    async def returned(self) -> AsyncIterator[str]:
        raise NotImplementedError

    @action
    async def unsaid(self):
        pass

    @action
    async def unsaid_stream(self):
        yield 1


def answers(name):
    return result_type(Desk.actions().get(name))


def test_the_result_of_a_stream_is_the_type_of_its_items():
    assert answers("Generated") is int
    assert answers("Returned") is str
    assert answers("Plain") == list[UUID]


def test_an_action_that_does_not_say_answers_anything():
    assert answers("Unsaid") is Any
    assert answers("UnsaidStream") is Any


@pytest.mark.parametrize(
    ("hint", "name"),
    [
        (None, "None"),
        (type(None), "None"),
        (UUID, "UUID"),
        (list[UUID], "list[UUID]"),
        (UUID | None, "UUID | None"),
        (dict[str, tuple[UUID, ...]], "dict[str, tuple[UUID, ...]]"),
        (Annotated[UUID, msgspec.Meta(title="id")], "Annotated[UUID, Meta(title='id')]"),
        (Desk, "Desk"),
        (Any, "Any"),
    ],
)
def test_types_are_named_as_a_programmer_writes_them(hint, name):
    assert type_name(hint) == name


def test_a_dataclass_that_says_nothing_has_no_docstring():
    @dataclass
    class Silent:
        number: int

    @dataclass
    class Talking:
        """Says something."""

        number: int

    assert docstring(Silent) == ""
    assert docstring(Talking) == "Says something."
    assert docstring(Desk) == ""


def test_sockets_and_http_of_a_hub_are_one_route():
    routes = URLRouter([hub_path("hubs/a-b/desk", Desk.as_asgi(permission_classes=[IsAuthenticated]))])
    below = URLRouter([re_path(r"^(?=hubs/)", routes)])
    (routed,) = routed_hubs(ProtocolTypeRouter({"websocket": routes, "http": below}))
    assert (routed.path, routed.hub) == ("/hubs/a-b/desk", Desk)
    assert routed.route_permission_classes == (IsAuthenticated,)


def test_a_hub_at_two_paths_is_listed_twice():
    routes = URLRouter([hub_path("z", Desk.as_asgi()), hub_path("a", Desk.as_asgi())])
    assert [routed.path for routed in routed_hubs(routes)] == ["/a", "/z"]
