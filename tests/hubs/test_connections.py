import asyncio
import threading

import pytest

from hubs import connection_tokens, directory, errors
from hubs.actions import action
from hubs.auth import Principal
from hubs.directory import Entry
from hubs.executor import run
from hubs.hub import Hub
from hubs.models import Connection
from hubs.permissions import IsAuthenticated
from hubs.protocol import handshake
from hubs.protocol.messages import SequenceStart
from hubs.testing import HubCommunicator, UpgradeRefused
from hubs.transports.inbox import MAXIMUM_WAITING
from hubs.worker import current_worker
from tests.hubs import wards
from tests.hubs.polling import HANDSHAKE, PollingClient, call
from tests.hubs.site import http, site
from tests.hubs.tokens import bearer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("ends_worker")]

left: "asyncio.Queue[Exception | None]"


class Desk(Hub):
    permission_classes = [IsAuthenticated]

    @action
    async def double(self, number: int) -> int:
        return 2 * number

    @action
    async def role(self) -> str:
        return self.claims["role"]

    @action
    async def wards(self) -> list[str]:
        return list(self.claims["wards"])

    async def on_disconnected(self, error):
        left.put_nowait(error)


application = site(desk=Desk)

CHANGED = (400, errors.CHANGED_TRANSPORT.encode())
IN_USE = (409, b"")
UNKNOWN = (404, errors.NO_SUCH_CONNECTION.encode())
DONE = (200, b"")


@pytest.fixture
def client():
    global left
    left = asyncio.Queue()
    return PollingClient(application)


def socket(client: PollingClient) -> HubCommunicator:
    return HubCommunicator(application, path="/hubs/desk", query=f"id={client.token}", headers=[bearer(1)])


async def refusal(communicator: HubCommunicator) -> int:
    with pytest.raises(UpgradeRefused) as refused:
        await communicator.connect()
    await communicator.disconnect()
    return refused.value.status


async def streaming(client: PollingClient):
    """An event stream that has begun."""
    stream = await client.stream()
    assert (await stream.status(), await stream.body()) == (200, b":\r\n\r\n")
    return stream


async def connected(client: PollingClient) -> None:
    """A connection over polls, with its handshake done."""
    assert await client.poll() == DONE
    assert await client.post(HANDSHAKE) == DONE
    assert await client.poll() == (200, b"{}\x1e")


async def test_an_event_stream_for_the_id_of_a_socket_is_refused_and_the_socket_goes_on(client):
    async with socket(client) as other:
        assert await (await client.stream()).answer() == CHANGED
        assert await client.poll() == CHANGED
        assert await client.delete() == (400, errors.DELETE_REFUSED.encode())
        assert await other.invoke("Double", 21) == 42


async def test_a_second_event_stream_is_refused_and_the_first_goes_on(client):
    stream = await streaming(client)
    assert await (await client.stream()).answer() == IN_USE
    assert await client.post(HANDSHAKE + call("Double", 21)) == DONE
    assert await stream.body() == b"data: {}\x1e\r\n\r\n"
    assert b'"result":42' in await stream.body()
    await stream.leave()


async def test_a_poll_or_delete_or_socket_for_an_event_stream_is_refused(client):
    stream = await streaming(client)
    assert await client.poll() == CHANGED
    assert await client.delete() == (400, errors.DELETE_REFUSED.encode())
    assert await refusal(socket(client)) == 400
    await stream.leave()


async def test_an_event_stream_or_socket_for_the_id_of_polls_is_refused(client):
    await connected(client)
    assert await (await client.stream()).answer() == CHANGED
    assert await refusal(socket(client)) == 400
    assert await client.delete() == (202, b"")


async def test_what_was_posted_before_the_first_poll_is_kept_in_its_order(client):
    for body in (HANDSHAKE, call("Double", 1), call("Double", 2)):
        assert await client.post(body) == DONE
    assert await client.poll() == DONE
    found = await client.polled(b'"result":4')
    assert found.index(b"{}\x1e") < found.index(b'"result":2') < found.index(b'"result":4')


async def test_what_was_posted_before_its_event_stream_is_kept(client):
    assert await client.post(HANDSHAKE) == DONE
    stream = await streaming(client)
    assert await stream.body() == b"data: {}\x1e\r\n\r\n"
    await stream.leave()


async def test_posts_that_come_with_the_first_poll_or_with_one_another_all_arrive():
    for _ in range(10):
        client = PollingClient(application)
        answers = await asyncio.gather(
            client.post(HANDSHAKE), client.post(b""), client.post(b""), client.poll()
        )
        assert answers == [DONE] * 4
        assert await client.polled(b"{}") == b"{}\x1e"


async def test_a_post_that_comes_with_its_event_stream_arrives():
    for _ in range(10):
        client = PollingClient(application)
        stream, posted = await asyncio.gather(streaming(client), client.post(HANDSHAKE))
        assert posted == DONE
        assert await stream.body() == b"data: {}\x1e\r\n\r\n"
        await stream.leave()


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_the_connection_of_another_user_is_unknown_and_goes_on(client, method):
    await connected(client)
    assert await client.ask(method, call("Double", 3), user=2) == UNKNOWN
    await client.post(call("Double", 21))
    assert b'"result":42' in (await client.poll())[1]


async def test_a_newer_poll_ends_the_older_one_and_gets_what_comes(client):
    await connected(client)
    older = await client.begin("GET")
    await client.wait_for_polls(1)
    newer = await client.begin("GET")
    assert await older.answer() == (204, b"")
    await client.post(call("Double", 21))
    assert b'"result":42' in (await newer.answer())[1]


async def test_nothing_is_lost_when_the_client_of_a_poll_goes_away(client):
    await connected(client)
    lost = await client.begin("GET")
    await client.wait_for_polls(1)
    await lost.leave()
    await client.wait_for_polls(0)
    await client.post(call("Double", 21))
    assert b'"result":42' in (await client.poll())[1]


async def test_a_delete_ends_the_connection_and_its_poll_and_is_no_error(client):
    await connected(client)
    waiting = await client.begin("GET")
    await client.wait_for_polls(1)
    assert await client.delete() == (202, b"")
    assert await waiting.answer() == (204, b"")
    assert await asyncio.wait_for(left.get(), 5) is None


async def test_the_id_of_a_connection_that_has_ended_is_unknown(client):
    stream = await streaming(client)
    await stream.leave()
    for method in ("GET", "POST", "DELETE"):
        assert await client.ask(method) == UNKNOWN
    assert await (await client.stream()).answer() == UNKNOWN
    assert await run(Connection.objects.exclude(ended_at=None).count) == 1


async def test_an_event_stream_that_breaks_off_is_an_error_for_its_hub(client):
    stream = await streaming(client)
    await client.post(HANDSHAKE)
    assert await stream.body() == b"data: {}\x1e\r\n\r\n"
    await stream.leave()
    assert isinstance(await asyncio.wait_for(left.get(), 5), ConnectionError)


async def test_the_newest_poll_speaks_for_its_connection(client):
    await connected(client)
    newer = await client.begin("GET", role="Doctor")
    await client.wait_for_polls(1)
    await client.post(call("Role"))
    assert b'"result":"Doctor"' in (await newer.answer())[1]


async def test_a_worker_that_goes_down_fails_no_request_and_serves_what_is_open(client):
    await connected(client)
    current_worker().is_draining = True
    async with http(application) as browser:
        answer = await browser.post("/hubs/desk/negotiate?negotiateVersion=1", headers=[bearer(1)])
    assert answer.status_code == 200
    late = PollingClient(application)
    await connected(late)
    assert await late.polled(b'"allowReconnect":true')
    await client.post(call("Double", 21))
    assert b'"result":42' in (await client.poll())[1]


@pytest.mark.parametrize("first", ["poll", "post"])
async def test_a_post_and_a_first_poll_at_the_same_moment_find_each_other(first):
    for _ in range(10):
        client = PollingClient(application)
        requests = [client.poll(), client.post(HANDSHAKE)]
        answers = await asyncio.gather(*(requests if first == "poll" else reversed(requests)))
        assert answers == [DONE, DONE]
        assert await client.polled(b"{}\x1e")


async def test_after_a_delete_the_id_is_unknown_at_once(client):
    await client.poll()
    assert (await client.delete())[0] == 202
    assert [await client.poll(), await client.post(b"x"), await client.delete()] == [UNKNOWN] * 3


async def test_a_post_finds_the_event_stream_that_is_being_opened_beside_it(client, monkeypatch):
    claimed, looked_up = threading.Event(), threading.Event()
    claim, find = directory.claim, directory.find

    def claim_slowly(entry, *arguments):
        if not entry.transport:
            claimed.wait(5)  # the post comes second
            return claim(entry, *arguments)
        taken = claim(entry, *arguments)
        claimed.set()
        looked_up.wait(5)  # the row is there, the stream is not yet
        return taken

    def find_and_tell(connection_id):
        found = find(connection_id)
        looked_up.set()
        return found

    monkeypatch.setattr(directory, "claim", claim_slowly)
    monkeypatch.setattr(directory, "find", find_and_tell)
    stream, answer = await asyncio.gather(client.stream(), client.post(HANDSHAKE))
    assert answer == DONE
    assert await stream.status() == 200
    await stream.leave()


async def test_a_long_post_beside_one_that_finds_its_id_taken_waits_for_no_room_that_never_comes(client):
    """Both put into one inbox, until the first has read in the row that the id is another worker's."""
    await run(directory.claim, Entry(client.id, "Desk", "1", "ServerSentEvents"), "there", "nowhere")
    first = await client.begin("POST", b"x")
    long = await client.begin("POST", *[b"x"] * 2 * MAXIMUM_WAITING)
    assert [await first.answer(), await long.answer()] == [UNKNOWN, UNKNOWN]


class Late:
    """What HUBS["VERIFY"] names, once told so: has read the user, and answers when the test says so."""

    def __init__(self, monkeypatch) -> None:
        self.has_read, self.may_answer = threading.Event(), threading.Event()
        monkeypatch.setattr("hubs.conf.HubsSettings.verify", property(lambda _: self))

    def __call__(self, token: str) -> Principal:
        principal = wards.verify(token)
        self.has_read.set()
        self.may_answer.wait(5)
        return principal

    async def overtaken(self, *names: str) -> None:
        """The user's rights change, and the change is worked through, while the answer waits."""
        await run(self.has_read.wait, 5)
        await run(wards.set_wards, 1, *names)
        await current_worker().pump.authority.catch_up()


@pytest.fixture
def seen(hubs, monkeypatch) -> list[list[str]]:
    """The wards that user 1's connection had whenever its user was read afresh."""
    hubs(VERIFY="tests.hubs.wards.verify")
    found: list[list[str]] = []

    def asked():
        found.extend(each.principal.claims["wards"] for each in current_worker().registry)
        return wards.renew

    monkeypatch.setattr("hubs.conf.HubsSettings.renew", property(lambda _: asked()))
    monkeypatch.setattr(wards, "WARDS", {1: {"cardio", "icu"}})
    return found


async def test_a_poll_that_was_verified_before_a_withdrawal_does_not_bring_the_right_back(
    client, seen, monkeypatch
):
    await connected(client)
    seen.clear()
    with monkeypatch.context() as slow:
        late = Late(slow)
        polling = await client.begin("GET")
        await late.overtaken("cardio")
        late.may_answer.set()
        await client.wait_for_polls(1)
    await client.post(call("Wards"))
    assert b'"result":["cardio"]' in (await polling.answer())[1]
    assert (seen[0], seen[-1]) == (["cardio", "icu"], ["cardio"])
    assert seen == sorted(seen, reverse=True)  # what was read for the poll has never counted


def stateful_socket(client: PollingClient) -> HubCommunicator:
    client.id, client.token = connection_tokens.issue(hub="/hubs/desk", user="1", version=1, stateful=True)
    return socket(client)


@pytest.mark.parametrize("is_readable", [True, False])
async def test_a_socket_that_was_verified_before_a_withdrawal_does_not_bring_the_right_back(
    client, seen, monkeypatch, is_readable
):
    """Where the user cannot be read afresh, the socket is refused and the client starts anew."""

    def away(principal):
        raise OSError("away")

    first = stateful_socket(client)
    await first.upgrade()
    await first.send_text(handshake.encode_request("json", 2).decode())
    await first.receive_output()
    seen.clear()
    late = Late(monkeypatch)
    second = socket(client)
    resuming = asyncio.create_task(second.upgrade())
    await late.overtaken("cardio")
    if is_readable:
        late.may_answer.set()
        await resuming
        await second.send_message(SequenceStart(1))
        assert await second.invoke("Wards") == ["cardio"]
        assert (seen[0], seen[-1]) == (["cardio", "icu"], ["cardio"])
        assert seen == sorted(seen, reverse=True)  # what was read for the socket has never counted
    else:
        monkeypatch.setattr("hubs.conf.HubsSettings.renew", property(lambda _: away))
        late.may_answer.set()
        with pytest.raises(UpgradeRefused):
            await resuming
    await second.disconnect()
    await first.disconnect()
