import json
from asyncio import gather

import pytest
from django.core.management import CommandError
from django.utils import timezone

from accounts.models import Role
from hubs import connection_tokens, directory
from hubs.connection_tokens import ID_LENGTH
from hubs.directory import Entry
from hubs.executor import run
from hubs.models import Connection, Refusal
from hubs.protocol.messages import Close
from tests.cast import hire
from tests.hubs.management.routes import Desk
from tests.hubs.tokens import user

pytestmark = pytest.mark.django_db(transaction=True)

DESK = "tests.hubs.management.routes.Desk"


async def listed(manage, *arguments):
    return json.loads(await manage("connections", "--json", *arguments))


async def test_the_list_says_who_is_connected_where_and_since_when(connect_to_hub, manage):
    nurse = await run(hire, "nurse.icu", Role.NURSE)
    await connect_to_hub(Desk, user=nurse, headers=[(b"origin", b"https://board.example")])
    await Connection.objects.aupdate(follows="ward:icu")
    (record,) = await listed(manage)
    row = await Connection.objects.aget()
    assert record == {
        "connection": row.pk,
        "user": str(nurse.pk),
        "name": "nurse.icu",
        "role": "Nurse",
        "hub": DESK,
        "transport": "WebSockets",
        "since": row.opened_at.isoformat().replace("+00:00", "Z"),
        "address": "127.0.0.1",
        "origin": "https://board.example",
        "follows": "ward:icu",
        "worker": row.worker_id,
    }


async def test_the_table_shows_the_same(connect_to_hub, manage):
    await connect_to_hub(Desk)
    heading, line = (await manage("connections")).splitlines()
    row = await Connection.objects.aget()
    names = "CONNECTION USER ROLE HUB FOLLOWS TRANSPORT SINCE ADDRESS WORKER"
    assert heading.split() == names.split()
    since = row.opened_at.isoformat(" ", "seconds").split()
    shown = [row.pk, "-", "-", "Desk", "-", "WebSockets", *since, "127.0.0.1", row.worker_id]
    assert line.split() == shown


async def test_LG_4_who_was_not_let_in_is_listed_with_the_reason_the_latest_last(manage):
    for number, reason in enumerate(["no token", "bad token: expired"], 1):
        where = {"path": "/hubs/desk", "address": "10.0.0.1", "worker": "here", "connection": "one"}
        who = {"user": str(number), "count": number, "at": timezone.now()}
        await Refusal.objects.acreate(reason=reason, status=401, **where, **who)
    heading, first, last = (await manage("connections", "--refused")).splitlines()
    assert heading.split() == [
        "AT",
        "COUNT",
        "REASON",
        "STATUS",
        "PATH",
        "USER",
        "ADDRESS",
        "ORIGIN",
        "WORKER",
    ]
    assert "no token" in first
    assert last.split()[-6:] == ["401", "/hubs/desk", "2", "10.0.0.1", "-", "here"]
    (only,) = json.loads(await manage("connections", "--refused", "--json", "--user", "1"))
    assert (only["reason"], only["count"], only["name"], only["connection"]) == ("no token", 1, None, "one")


async def test_a_user_of_whom_this_database_knows_nothing_is_listed_by_identifier(connect_to_hub, manage):
    await run(row, "one")
    await Connection.objects.filter(pk="one").aupdate(user="somebody@elsewhere")
    await connect_to_hub(Desk, user=user(7))
    assert {each["name"] for each in await listed(manage)} == {None}


async def test_the_list_can_be_narrowed_to_a_hub_and_a_user(connect_to_hub, manage):
    await connect_to_hub(Desk, user=user(1))
    await connect_to_hub(Desk, user=user(2))
    assert [each["user"] for each in await listed(manage, "--user", "2")] == ["2"]
    assert len(await listed(manage, "--hub", "Desk")) == 2
    assert len(await listed(manage, "--hub", DESK, "--user", "1")) == 1
    assert await listed(manage, "--hub", "esk") == []


async def test_who_has_left_is_not_listed(connect_to_hub, manage):
    client = await connect_to_hub(Desk)
    await connect_to_hub(Desk, user=user(2))
    await client.disconnect()
    assert [each["user"] for each in await listed(manage)] == ["2"]


def row(connection_id, transport="WebSockets", worker="elsewhere"):
    directory.claim(Entry(connection_id, DESK, "7", transport), worker, "channel")


@pytest.mark.parametrize("form", [("--json",), ()])
async def test_an_id_that_is_a_token_is_shown_shortened(manage, form):
    token = await token_of_version_0()
    printed = await manage("connections", *form)
    assert token[:ID_LENGTH] in printed
    assert token[: ID_LENGTH + 1] not in printed


async def token_of_version_0():
    connection_id, token = connection_tokens.issue(hub="/hubs/desk", user="7", version=0)
    assert connection_id == token
    await run(row, connection_id)
    return token


async def goodbye(client):
    """What the client is told, which it answers by leaving."""
    close = await client.receive_close()
    await client.disconnect()
    return close


async def test_a_kicked_connection_is_closed_for_good_and_others_stay(connect_to_hub, manage):
    kicked = await connect_to_hub(Desk, user=user(1))
    stays = await connect_to_hub(Desk, user=user(2))
    (record,) = await listed(manage, "--user", "1")
    printed, close = await gather(manage("connections", "--kick", record["connection"]), goodbye(kicked))
    assert printed == "Closed: 1.\n"
    assert close == Close(None, allow_reconnect=False)
    assert await stays.receive_nothing()


async def test_a_kicked_user_loses_every_connection(connect_to_hub, manage):
    clients = [await connect_to_hub(Desk, user=user(1)) for _ in range(2)]
    stays = await connect_to_hub(Desk, user=user(2))
    printed, *closes = await gather(manage("connections", "--kick-user", "1"), *map(goodbye, clients))
    assert printed == "Closed: 2.\n"
    assert closes == [Close()] * 2
    assert await stays.receive_nothing()


@pytest.mark.parametrize("shown", ["", "nobody", "nobody-with-so-long-an-id"])
async def test_a_connection_that_is_not_there_cannot_be_kicked(connect_to_hub, manage, shown):
    client = await connect_to_hub(Desk)
    with pytest.raises(CommandError, match=rf"^{shown} is not connected\.$"):
        await manage("connections", "--kick", shown)
    assert await client.receive_nothing()


async def test_a_user_who_is_not_there_cannot_be_kicked(manage):
    with pytest.raises(CommandError, match=r"^7 is not connected\.$"):
        await manage("connections", "--kick-user", "7")


async def test_the_shown_id_is_enough_to_kick_and_a_connection_that_stays_is_an_error(manage, monkeypatch):
    monkeypatch.setattr("hubs.management.commands.connections.GONE_WITHIN", 0.0)
    token = await token_of_version_0()
    with pytest.raises(CommandError, match=r"^1 of 1 connections are still open\.$"):
        await manage("connections", "--kick", token[:ID_LENGTH])


async def test_a_connection_of_a_hub_that_is_not_routed_cannot_be_kicked(manage):
    await run(row, "one")
    await Connection.objects.filter(pk="one").aupdate(hub="other.Hub")
    with pytest.raises(CommandError, match=r"^other\.Hub is no hub of ASGI_APPLICATION\.$"):
        await manage("connections", "--kick-user", "7")
