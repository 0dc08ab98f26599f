"""The matrix asks the permission classes of the routed hubs, and takes no answer that it does not have."""

import pytest

from hubs.actions import action
from hubs.hub import Hub
from hubs.matrix import NO_TOKEN, CannotBeAsked, matrix, sample_users
from hubs.permissions import AllowAny, BasePermission, IsAuthenticated
from tests.hubs import tokens
from tests.hubs.site import site


class IsCook(BasePermission):
    def has_permission(self, request):
        return request.user.username == "cook"


class OwnTable(BasePermission):
    resource = "one's own table"

    def has_permission(self, request):
        return request.arguments["table"] == request.claims["table"]


class Says(BasePermission):
    """Looks at the arguments and does not say so."""

    def has_permission(self, request):
        return request.arguments["table"] == 7


class Kitchen(Hub):
    permission_classes = [IsAuthenticated]

    @action
    async def look(self) -> None: ...

    @action(permission_classes=[IsCook])
    async def cook(self) -> None: ...

    @action(permission_classes=[OwnTable])
    async def order(self, table: int) -> None: ...

    @action(permission_classes=[IsCook & OwnTable], resource="a dish of the day")
    async def serve(self, table: int) -> None: ...

    @action(permission_classes=[IsCook | OwnTable])
    async def clear(self, table: int) -> None: ...

    @action(permission_classes=[~OwnTable])
    async def change(self, table: int) -> None: ...

    @action(permission_classes=[])
    async def burn(self) -> None: ...


def staff():
    cook, guest = tokens.user(1), tokens.user(2)
    cook.username = "cook"
    return {"cook": cook, "guest": guest}


@pytest.fixture
def routed(settings, monkeypatch):
    """`routed(kitchen=Kitchen)`: where ASGI_APPLICATION leads to."""

    def change(**hubs):
        settings.ASGI_APPLICATION = f"{__name__}.application"
        monkeypatch.setattr(f"{__name__}.application", site(**hubs), raising=False)

    return change


async def rows():
    return {row.action: row for row in await matrix()}


def who(found, name) -> list[str]:
    return [role for role, allowed in found[name].allowed.items() if allowed]


async def test_AZ_2_each_role_is_asked_about_each_action(routed, hubs):
    routed(kitchen=Kitchen)
    hubs(SAMPLE_USERS=f"{__name__}.staff")
    found = await rows()
    assert list(found) == [None, "Look", "Cook", "Order", "Serve", "Clear", "Change", "Burn"]
    assert {name: who(found, name) for name in found} == {
        None: ["cook", "guest"],
        "Look": ["cook", "guest"],
        "Cook": ["cook"],
        "Order": ["cook", "guest"],
        "Serve": ["cook"],
        "Clear": ["cook", "guest"],
        "Change": ["cook", "guest"],
        "Burn": [],
    }


async def test_what_an_action_grants_of_the_things_that_a_call_names_stands_in_words(routed, hubs):
    routed(kitchen=Kitchen)
    found = await rows()
    assert {name: row.resource for name, row in found.items() if row.resource} == {
        "Order": "one's own table",
        "Serve": "(IsCook and one's own table); a dish of the day",
        "Clear": "(IsCook or one's own table)",
        "Change": "not: one's own table",
    }
    assert found["Serve"].needs == ["(IsCook & OwnTable)"]


async def test_without_sample_users_anybody_is_asked_about(routed):
    assert list(sample_users()) == ["any user", NO_TOKEN]
    routed(kitchen=Kitchen)
    found = await rows()
    assert who(found, "Look") == ["any user"]
    assert who(found, "Cook") == []


async def test_the_routes_classes_count_too_and_who_has_no_token_is_somebody(routed):
    class Open(Hub):
        permission_classes = [AllowAny]

    routed(open=Open, closed=Open.as_asgi(permission_classes=[IsAuthenticated]))
    closed, opened = await matrix()
    assert closed.allowed == {"any user": True, NO_TOKEN: False}
    assert closed.needs == ["IsAuthenticated", "AllowAny"]
    assert opened.allowed == {"any user": True, NO_TOKEN: True}
    assert (opened.path, opened.hub) == ("/hubs/open", "Open")


async def test_a_hub_without_classes_is_nobodys(routed):
    class Undeclared(Hub): ...

    routed(undeclared=Undeclared)
    (row,) = await matrix()
    assert not any(row.allowed.values())


async def test_a_class_that_keeps_its_rule_for_itself_is_named(routed):
    class Quiet(Hub):
        permission_classes = [AllowAny]

        @action(permission_classes=[IsCook | Says])
        async def order(self, table: int) -> None: ...

    routed(quiet=Quiet)
    with pytest.raises(CannotBeAsked, match=r'^Says cannot .*KeyError.* `resource = "\.\.\."`'):
        await matrix()
