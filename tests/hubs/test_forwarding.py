import asyncio
import dataclasses
from collections.abc import Awaitable, Callable

import pytest
from django.db import transaction

from hubs import directory, errors, forwarding, layer
from hubs.actions import action
from hubs.auth import Principal
from hubs.authority import rights_changed
from hubs.connections import MAXIMUM_FORWARDED_BODY
from hubs.directory import Entry
from hubs.executor import run
from hubs.forwarding import refusal
from hubs.hub import Hub
from hubs.layer import Message
from hubs.models import Worker
from hubs.permissions import IsAuthenticated
from hubs.testing import TIMEOUT, HubCommunicator
from hubs.worker import current_worker
from tests.hubs.polling import HANDSHAKE, PollingClient, call
from tests.hubs.site import site
from tests.hubs.tokens import bearer

pytestmark = pytest.mark.django_db(transaction=True)


class Desk(Hub):
    permission_classes = [IsAuthenticated]

    @action
    async def double(self, number: int) -> int:
        return 2 * number

    @action
    async def role(self) -> str:
        return self.claims["role"]


application = site(desk=Desk)

Send = Callable[[str, Message], Awaitable[None]]

UNKNOWN = (404, errors.NO_SUCH_CONNECTION.encode())
DONE = (200, b"")


async def start() -> tuple[str, str]:
    """Starts the worker; its name and channel, once its row tells them to the others."""
    backplane = current_worker().backplane
    async with asyncio.timeout(TIMEOUT):
        await backplane.listening.wait()
        rows = Worker.objects.filter(name=backplane.name, channel=backplane.channel)
        while not await run(rows.exists):
            pass
    return backplane.name, backplane.channel or ""


async def stop() -> None:
    await current_worker().stop()


@pytest.fixture
async def there(elsewhere):
    """`await there(coroutine)` runs it on the other worker; both know of each other."""
    await start()
    await elsewhere(start())
    yield elsewhere
    await elsewhere(stop())
    await stop()


@pytest.fixture
def client() -> PollingClient:
    return PollingClient(application)


@pytest.fixture
async def connected(client, there) -> PollingClient:
    """A connection over polls that the other worker carries."""
    assert await there(client.poll()) == DONE
    assert await there(client.post(HANDSHAKE)) == DONE
    assert await there(client.poll()) == (200, b"{}\x1e")
    return client


async def owner(client: PollingClient) -> str | None:
    found = await run(directory.find, client.id)
    return None if found is None or found.has_ended else found.worker


async def test_posts_and_polls_that_reach_another_worker_are_served_by_the_owner(connected):
    for number in range(3):
        assert await connected.post(call("Double", number)) == DONE
        assert f'"result":{2 * number}'.encode() in (await connected.poll())[1]
    assert await connected.transport() is None


async def test_a_poll_that_waits_at_the_owner_is_answered_with_what_comes(connected, there):
    waiting = await connected.begin("GET")
    await there(connected.wait_for_polls(1))
    await there(connected.post(call("Double", 21)))
    assert b'"result":42' in (await waiting.answer())[1]


async def test_a_delete_that_reaches_another_worker_ends_the_connection_and_its_polls(connected, there):
    here = await connected.begin("GET")
    await there(connected.wait_for_polls(1))
    at_the_owner = await there(connected.begin("GET"))
    assert (await here.answer())[0] == 204  # the newer poll has taken over
    assert await connected.delete() == (202, b"")
    assert (await there(at_the_owner.answer()))[0] == 204
    async with asyncio.timeout(TIMEOUT):
        while await owner(connected) is not None:
            pass
    assert await connected.delete() == UNKNOWN
    assert await connected.poll() == UNKNOWN


async def test_a_poll_whose_client_goes_away_is_given_up_at_the_owner_and_nothing_is_lost(connected, there):
    lost = await connected.begin("GET")
    await there(connected.wait_for_polls(1))
    await lost.leave()
    await there(connected.wait_for_polls(0))
    await there(connected.post(call("Double", 21)))
    assert b'"result":42' in (await connected.poll())[1]


async def test_the_newest_poll_speaks_for_the_connection_also_from_another_worker(connected, there):
    waiting = await connected.begin("GET", role="Doctor")
    await there(connected.wait_for_polls(1))
    await connected.post(call("Role"))
    assert b'"result":"Doctor"' in (await waiting.answer())[1]


def demoted(principal: Principal) -> Principal:
    return dataclasses.replace(principal, claims={**principal.claims, "role": "Nurse"})


async def caught_up() -> None:
    await current_worker().pump.authority.catch_up()


async def test_SE_4_a_poll_from_another_worker_brings_no_withdrawn_right_back(connected, there, hubs):
    hubs(RENEW="tests.hubs.test_forwarding.demoted")
    await run(transaction.atomic(rights_changed), 1)
    await there(caught_up())
    waiting = await connected.begin("GET", role="Doctor")
    await there(connected.wait_for_polls(1))
    await connected.post(call("Role"))
    assert b'"result":"Nurse"' in (await waiting.answer())[1]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_the_connection_of_another_user_is_unknown_at_every_worker(connected, method):
    assert await connected.ask(method, call("Double", 3), user=2) == UNKNOWN
    await connected.post(call("Double", 21))
    assert b'"result":42' in (await connected.poll())[1]


async def test_an_id_that_was_only_posted_to_is_taken_over_with_its_posts(client, there):
    for body in (HANDSHAKE, call("Double", 1), call("Double", 2)):
        assert await there(client.post(body)) == DONE
    assert await client.poll() == DONE
    assert await owner(client) == current_worker().backplane.name
    found = await client.polled(b'"result":4')
    assert found.index(b"{}\x1e") < found.index(b'"result":2') < found.index(b'"result":4')


async def test_a_post_to_the_former_worker_of_an_id_reaches_the_new_one(client, there):
    await there(client.post(HANDSHAKE))
    await client.poll()
    assert await there(client.post(call("Double", 21))) == DONE
    await client.polled(b'"result":42')


async def test_posts_before_the_first_poll_gather_at_one_worker(client, there):
    await there(client.post(HANDSHAKE))
    assert await client.post(call("Double", 21)) == DONE
    assert await there(client.poll()) == DONE
    await there(client.polled(b'"result":42'))


async def test_what_was_posted_to_a_worker_that_is_silent_is_lost_and_its_id_is_taken_over(
    client, there, monkeypatch
):
    monkeypatch.setattr("hubs.backplane.ACKNOWLEDGE_DEADLINE", 0.1)
    await run(directory.claim, Entry(client.id, "Desk", "1", ""), "silent", "nowhere")
    assert await client.poll() == DONE
    await client.post(HANDSHAKE)
    assert await client.polled(b"\x1e") == b"{}\x1e"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_connection_whose_owner_says_nothing_is_unknown(client, there, monkeypatch, method):
    monkeypatch.setattr("hubs.backplane.ACKNOWLEDGE_DEADLINE", 0.1)
    await run(directory.claim, Entry(client.id, "Desk", "1", "LongPolling"), "silent", "nowhere")
    assert await client.ask(method) == UNKNOWN


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "REFRESH"])
async def test_a_connection_whose_owners_answer_is_lost_is_unknown(
    connected, there, hubs, monkeypatch, method
):
    name, channel = await there(start())
    hubs(POLL_TIMEOUT=0.1)
    for deadline in ("OWNER_DEADLINE", "POST_DEADLINE"):
        monkeypatch.setattr(forwarding, deadline, 0.1)
    monkeypatch.setattr("hubs.layer.send_to", without_answers(layer.send_to))
    found = directory.Found("LongPolling", False, name, channel)
    async with asyncio.timeout(TIMEOUT):
        status, _ = await forwarding.forward(current_worker(), found, method, connected.id, None, b"x")
    assert status == 404


def without_answers(send: Send) -> Send:
    async def lossy(channel: str, message: Message) -> None:
        if message["type"] != "hubs.answer":
            await send(channel, message)

    return lossy


async def test_a_poll_waits_at_another_worker_for_as_long_as_at_its_own(connected, hubs, monkeypatch):
    monkeypatch.setattr(forwarding, "POST_DEADLINE", 0.0)
    monkeypatch.setattr(forwarding, "OWNER_DEADLINE", 2.0)
    hubs(POLL_TIMEOUT=0.1)
    assert await connected.poll() == DONE


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_connection_that_its_owner_does_not_know_is_unknown(client, there, method):
    name, channel = await there(start())
    await run(directory.claim, Entry(client.id, "Desk", "1", "LongPolling"), name, channel)
    assert await client.ask(method) == UNKNOWN


@pytest.mark.parametrize(("times", "answer"), [(1, DONE), (2, (413, b""))])
async def test_a_post_to_another_worker_has_a_largest_size(connected, times, answer):
    pieces = [b" " * 65_536] * (times * MAXIMUM_FORWARDED_BODY // 65_536)
    assert await connected.post(*pieces) == answer


async def test_the_socket_of_another_worker_is_fed_and_ended_by_no_request(client, there):
    socket = HubCommunicator(application, path="/hubs/desk", query=f"id={client.token}", headers=[bearer(1)])
    await there(socket.connect())
    assert await client.post(b"x") == (405, errors.POST_TO_WEBSOCKET.encode())
    assert await client.delete() == (400, errors.DELETE_REFUSED.encode())
    assert await client.poll() == (400, errors.CHANGED_TRANSPORT.encode())
    assert await there(socket.invoke("Double", 21)) == 42
    await there(socket.disconnect())


@pytest.mark.parametrize(
    ("method", "transport", "status"),
    [
        ("GET", "LongPolling", None),
        ("GET", "ServerSentEvents", 400),
        ("GET", "WebSockets", 400),
        ("POST", "LongPolling", None),
        ("POST", "ServerSentEvents", None),
        ("POST", "WebSockets", 405),
        ("DELETE", "LongPolling", None),
        ("DELETE", "ServerSentEvents", 400),
        ("DELETE", "WebSockets", 400),
    ],
)
def test_only_what_the_transport_has_a_use_for_is_handed_over(method, transport, status):
    refused = refusal(method, transport)
    assert (refused and refused[0]) == status
