import asyncio

import pytest

from hubs import refused
from hubs.executor import run
from hubs.hub import Hub
from hubs.models import Refusal
from hubs.permissions import IsAuthenticated
from hubs.refused import MAXIMUM_GATHERED, Gathered
from hubs.testing import HubCommunicator, UpgradeRefused
from tests.hubs.site import site
from tests.hubs.tokens import bearer, token_for

pytestmark = pytest.mark.django_db(transaction=True)

WHO = {"user": "7", "address": "10.0.0.1", "origin": "https://board.example"}


class Desk(Hub):
    permission_classes = [IsAuthenticated]


application = site(desk=Desk)


@pytest.fixture(autouse=True)
def gathered(monkeypatch) -> Gathered:
    """Empty, whatever other tests have been refused."""
    fresh = Gathered()
    monkeypatch.setattr(refused, "gathered", fresh)
    return fresh


def note(reason: str = "bad token: expired", connection: str = "one", **who: str) -> None:
    refused.add(reason=reason, status=401, path="/hubs/desk", connection=connection, who=WHO | who)


def rows() -> list[Refusal]:
    return list(Refusal.objects.all())


async def knock(**request) -> str:
    communicator = HubCommunicator(application, path="/hubs/desk", **request)
    with pytest.raises(UpgradeRefused) as answer:
        await communicator.connect()
    await communicator.disconnect()
    return str(answer.value)


async def test_LG_4_staff_find_the_reasons_of_refusals_and_the_caller_does_not():
    old = token_for(1, seconds=-1)
    answers = {await knock(headers=[(b"authorization", f"Bearer {each}".encode())]) for each in (old, "x")}
    assert answers == {"401"}
    await refused.write("here")
    made_up, expired = await run(rows)
    assert (expired.reason, made_up.reason) == ("bad token: expired", "bad token: unreadable")
    assert (expired.status, expired.path, expired.address) == (401, "/hubs/desk", "127.0.0.1")
    assert (expired.worker, expired.count, len(expired.connection)) == ("here", 1, 22)


async def test_LG_4_a_foreign_page_and_a_failed_handshake_are_among_them():
    await knock(headers=[(b"origin", b"https://evil.example"), bearer(1)])
    async with HubCommunicator(application, path="/hubs/desk", headers=[bearer(1)]):
        client = HubCommunicator(application, path="/hubs/desk", headers=[bearer(2)])
        await client.upgrade()
        await client.send_text('{"protocol":"xml","version":1}\x1e')
        assert "not supported" in (await client.receive_output())["text"]
        await client.disconnect()
    await refused.write("here")
    found = {each.reason: each for each in await run(rows)}
    assert found["origin not allowed"].origin == "https://evil.example"
    assert found["handshake: not understood"].user == "2"


async def test_LG_4_a_flood_of_refusals_is_a_few_rows():
    for number in range(1_000):
        note(connection=str(number))
        note(address=f"10.0.{number % 250}.{number // 250}")
    await refused.write("here")
    found = await run(rows)
    assert len(found) == MAXIMUM_GATHERED
    # Alike are counted, unless so many that differ have come in between.
    note(connection="first")
    note(connection="last")
    await refused.write("here")
    newest = (await run(rows))[0]
    assert (newest.count, newest.connection) == (2, "last")


async def test_only_the_latest_are_kept(monkeypatch):
    monkeypatch.setattr(refused, "MAXIMUM_KEPT", 3)
    for number in range(5):
        note(reason=str(number))
        await refused.write("here")
    assert [each.reason for each in await run(rows)] == ["4", "3", "2"]


async def test_a_database_that_is_away_is_one_line_and_fails_nothing(monkeypatch, caplog):
    monkeypatch.setattr(refused, "_write", _fail)
    note()
    await refused.write("here")
    await refused.write("here")
    assert caplog.messages == ["refusals not written"]


def _fail(found):
    raise OSError("away")


async def test_no_token_is_written_whatever_a_client_calls_its_page():
    refused.add(
        reason="origin not allowed",
        status=403,
        path="/hubs/" + "eyJhbGciOiJIUzI1NiJ9.e30.c2VjcmV0" + "x" * 300,
        connection="one",
        who=WHO | {"origin": "https://x/?access_token=secret"},
    )
    await refused.write("here")
    (row,) = await run(rows)
    assert "***" in row.path
    assert "secret" not in row.origin


async def test_a_worker_writes_them_with_its_sign_of_life(monkeypatch):
    monkeypatch.setattr("hubs.worker.HEARTBEAT", 0.02)
    async with HubCommunicator(application, path="/hubs/desk", headers=[bearer(1)]):
        await knock()
        async with asyncio.timeout(5):
            while not await Refusal.objects.filter(reason="no token").aexists():
                pass
