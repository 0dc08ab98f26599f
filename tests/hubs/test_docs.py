"""The pages about hubs say what the code says, and their code runs."""

import json
import re
import sys
import types
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from hubs import checks, errors
from hubs.conf import DEFAULTS, HUB_OPTIONS
from hubs.errors import CloseReason, HubError
from hubs.executor import run
from hubs.protocol import handshake, negotiation
from tests.hubs.protocol import test_json_protocol, test_messagepack_protocol
from tests.hubs.tokens import user

DOCS = Path(__file__).resolve().parents[2] / "docs"


def section(page, heading):
    text = (DOCS / page).read_text(encoding="utf-8")
    (found,) = re.findall(rf"^## {heading}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found


def table(page, heading):
    """The cells of the rows of the table below the heading, without the marks of code."""
    rows = [line for line in section(page, heading).splitlines() if line.startswith("|")][
        2:
    ]  # below the heading
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows]


def test_every_setting_is_documented_with_its_default():
    documented = [(name, default) for name, default, *_ in table("hubs.md", "Settings")]
    assert documented == [(name, repr(default)) for name, default in DEFAULTS.items()]


def test_the_settings_that_a_hub_may_have_for_itself_are_marked():
    assert {name for name, _, _, own in table("hubs.md", "Settings") if own == "yes"} == HUB_OPTIONS


def test_every_check_is_documented():
    raised = re.findall(r'id="(hubs\.[EW]\d+)"', Path(checks.__file__).read_text(encoding="utf-8"))
    assert [name for name, _ in table("hubs.md", "Checks")] == sorted(raised)


def test_every_reason_to_close_is_documented():
    assert table("hubs.md", "Why a connection ends") == [
        [reason.name, reason.word, reason.error or "", "yes" if reason.allow_reconnect else "no"]
        for reason in CloseReason
    ]


@pytest.mark.parametrize(
    ("what", "text"),
    [
        (
            'HubError("text") in an action',
            errors.action_failed("{name}", HubError("text"), detailed=False),
        ),
        ("any other exception", errors.action_failed("{name}", KeyError("secret"), detailed=False)),
        ("not allowed", errors.unauthorized("{name}")),
        ("no such action", errors.unknown_method("{name}")),
        ("arguments that do not fit", errors.invocation_failed("{name}")),
        ("an exception inside a stream", errors.stream_failed(KeyError("secret"), detailed=False)),
        ("too many calls", errors.TOO_MANY_CALLS),
        ("too many streams", errors.TOO_MANY_STREAMS),
        (
            "a stream, while rights cannot be read",
            errors.stream_failed(HubError(errors.UNAVAILABLE), detailed=False),
        ),
    ],
)
def test_the_errors_are_documented_letter_by_letter(what, text):
    documented = {what.replace("`", ""): text for what, text in table("hubs.md", "Errors that a caller sees")}
    assert documented[what] == text


@pytest.mark.parametrize(
    ("heading", "rows"),
    [
        ("Messages in JSON", test_json_protocol.MESSAGES),
        ("Messages in MessagePack", test_messagepack_protocol.BOTH_WAYS),
    ],
)
def test_the_frames_are_rows_of_the_tests_and_show_every_type_of_message(heading, rows):
    tested = {name: (wire, type(message)) for name, message, wire in rows}
    shown = table("protocol.md", heading)
    assert [(name, tested[name][0]) for name, _ in shown] == [(name, frame) for name, frame in shown]
    assert {tested[name][1] for name, _ in shown} == {kind for _, kind in tested.values()}


def test_the_answer_to_negotiate_is_shown_as_it_is():
    (shown,) = re.findall(r"```json\n(.*?)```", section("protocol.md", "Negotiate"), re.DOTALL)
    answer = negotiation.encode_response(
        version=1, connection_id="public", token="secret", transports=negotiation.TRANSPORTS
    )
    assert json.loads(shown) == json.loads(answer)


def test_the_handshake_is_shown_as_it_is():
    (shown,) = re.findall(r"```json\n(.*?)\n```", section("protocol.md", "Handshake"), re.DOTALL)
    assert f"{shown}\x1e".encode() == handshake.encode_request("json")


def module(page):
    """The Python of the page as one module."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = types.ModuleType(page.partition(".")[0])
    exec("\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL)), vars(found))
    return found


@pytest.mark.django_db(transaction=True)
async def test_the_permissions_work_as_they_are_shown(connect_to_hub):
    hub = module("permissions.md").OrdersHub
    cook = await get_user_model().objects.acreate(username="cook")
    await cook.groups.aadd(await Group.objects.acreate(name="kitchen"))
    guest = await get_user_model().objects.acreate(username="guest")
    at_the_stove = await connect_to_hub(hub, user=cook, claims={"table": 7})
    at_table_7 = await connect_to_hub(hub, user=guest, claims={"table": 7})

    assert await at_the_stove.invoke("Finish", 7) == "7 is served"
    assert await at_table_7.invoke("Order", 7, "soup") == "soup for 7"
    for client, *call in [
        (at_the_stove, "Order", 7, "soup"),
        (at_table_7, "Order", 8, "soup"),
        (at_table_7, "Finish", 7),
    ]:
        with pytest.raises(HubError, match="user is unauthorized"):
            await client.invoke(*call)


class Orders:
    """Stands for the model of the reader's own project."""

    def __init__(self):
        self.dishes = []

    def create(self, dish):
        self.dishes.append(dish)
        return types.SimpleNamespace(pk=len(self.dishes))

    def values_list(self, *_, flat):
        return self.dishes


@pytest.mark.django_db(transaction=True)
async def test_the_feed_works_as_it_is_shown(connect_to_hub, monkeypatch):
    models = types.ModuleType("kitchen.models")
    models.Order = types.SimpleNamespace(objects=Orders())
    monkeypatch.setitem(sys.modules, "kitchen.models", models)
    page = module("feeds.md")

    await run(page.place, "soup")
    cook = await connect_to_hub(page.KitchenHub, user=user(1))
    assert await cook.invoke("Watch") == {"epoch": 1, "seq": 1, "dishes": ["soup"]}
    await run(page.place, "stew")
    payload, place = await cook.receive("OrderPlaced")
    assert payload == {"orderId": 2, "dish": "stew"}
    shown = json.loads(
        *re.findall(r"```json\n(.*?)```", section("feeds.md", "What the client gets"), re.DOTALL)
    )
    assert place == {**shown, "after": 1, "seq": 2, "at": place["at"]}
    await cook.invoke("Unwatch")
    await run(page.place, "salad")
    assert await cook.receive_nothing()
