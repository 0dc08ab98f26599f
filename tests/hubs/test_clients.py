import asyncio
import logging

import pytest

from hubs import publisher
from hubs.actions import action
from hubs.backplane import Backplane
from hubs.clients import disconnect, hub_context
from hubs.errors import HubError
from hubs.executor import run
from hubs.hub import Hub
from hubs.permissions import AllowAny
from hubs.protocol.messages import Close
from hubs.testing import HubCommunicator
from hubs.worker import current_worker
from tests.hubs.tokens import user

pytestmark = pytest.mark.django_db(transaction=True)


class Ward(Hub):
    permission_classes = [AllowAny]

    @action
    async def own_id(self) -> str:
        return self.connection_id

    @action
    async def call(self, whom: str, names: list[str]) -> None:
        clients = self.clients
        audiences = {
            "caller": lambda: clients.caller,
            "others": lambda: clients.others,
            "all": lambda: clients.all,
            "all_except": lambda: clients.all_except(names),
            "group": lambda: clients.group(names[0]),
            "groups": lambda: clients.groups(names),
            "others_in_group": lambda: clients.others_in_group(names[0]),
            "group_except": lambda: clients.group_except(names[0], names[1:]),
            "user": lambda: clients.user(names[0]),
            "users": lambda: clients.users(names),
            "client": lambda: clients.client(names[0]),
            "clients": lambda: clients.clients(names),
        }
        await audiences[whom]().send("Called", whom)

    @action
    async def join(self, group: str) -> None:
        await self.groups.add(group)

    @action
    async def leave(self, group: str) -> None:
        await self.groups.remove(group)

    @action
    async def put(self, group: str, connection_id: str) -> None:
        await self.groups.add(group, connection_id)

    @action
    async def ask(self, connection_id: str) -> int:
        return await self.clients.client(connection_id).invoke("Count", 2, result_type=int)

    @action
    async def say_rubbish(self) -> None:
        await self.clients.all.send("Called", object())


class Other(Ward): ...


class Cast:
    """Ann (twice) and Ben at the ward, Ben and nobody at the other hub; some of them on another worker."""

    def __init__(self, elsewhere) -> None:
        self.here = {
            "ann": HubCommunicator(Ward, user=user(1)),
            "nobody": HubCommunicator(Ward),
            "other": HubCommunicator(Other, user=user(2)),
        }
        self.there = {"ann2": HubCommunicator(Ward, user=user(1)), "ben": HubCommunicator(Ward, user=user(2))}
        self.ids: dict[str, str] = {}
        self._elsewhere = elsewhere

    async def arrive(self) -> None:
        for name in (*self.here, *self.there):
            await self.on(name, self._client(name).connect())
            self.ids[name] = await self.invoke(name, "OwnId")
        await listening()
        await self._elsewhere(listening())

    async def leave(self) -> None:
        for name in (*self.here, *self.there):
            await self.on(name, self._client(name).disconnect())

    async def on(self, name: str, work):
        return await (work if name in self.here else self._elsewhere(work))

    async def invoke(self, name: str, target: str, *arguments):
        return await self.on(name, self._client(name).invoke(target, *arguments))

    async def called(self) -> set[str]:
        """Who has been called once since; a call to all of them fences the end."""
        await hub_context(Ward).clients.all.send("Fence")
        await hub_context(Other).clients.all.send("Fence")
        found = set()
        for name in (*self.here, *self.there):
            client = self._client(name)
            await self.on(name, client.receive("Fence"))
            if not await self.on(name, client.receive_nothing(0)):
                await self.on(name, client.receive("Called"))
                found.add(name)
            assert await self.on(name, client.receive_nothing(0))
        return found

    def _client(self, name: str) -> HubCommunicator:
        return {**self.here, **self.there}[name]


async def listening() -> None:
    async with asyncio.timeout(5):
        await current_worker().backplane.listening.wait()


@pytest.fixture
async def cast(elsewhere):
    cast = Cast(elsewhere)
    await cast.arrive()
    yield cast
    await cast.leave()


@pytest.mark.parametrize(
    ("whom", "names", "called"),
    [
        ("caller", [], {"ann"}),
        ("others", [], {"ann2", "ben", "nobody"}),
        ("all", [], {"ann", "ann2", "ben", "nobody"}),
        ("all_except", ["ann2", "nobody"], {"ann", "ben"}),
        ("user", ["1"], {"ann", "ann2"}),
        ("user", ["None"], set()),
        ("users", ["1", "2"], {"ann", "ann2", "ben"}),
        ("client", ["ben"], {"ben"}),
        ("client", ["nobody"], {"nobody"}),
        ("client", ["other"], set()),
        ("clients", ["ann", "ben", "ben", "gone"], {"ann", "ben"}),
        ("group", ["icu"], {"ann", "ben"}),
        ("group", ["ICU"], set()),
        ("groups", ["icu", "night"], {"ann", "ann2", "ben"}),
        ("others_in_group", ["icu"], {"ben"}),
        ("group_except", ["icu", "ben"], {"ann"}),
    ],
)
async def test_an_audience_is_reached_once_each_on_whichever_worker(cast, whom, names, called):
    await cast.invoke("ann", "Join", "icu")
    await cast.invoke("ben", "Join", "icu")
    await cast.invoke("ben", "Join", "night")
    await cast.invoke("ann2", "Join", "night")
    await cast.invoke("other", "Join", "icu")
    await cast.invoke("ann", "Call", whom, [cast.ids.get(name, name) for name in names])
    assert await cast.called() == called


async def test_a_group_is_left_and_joining_twice_counts_once(cast):
    await cast.invoke("ben", "Join", "icu")
    await cast.invoke("ben", "Join", "icu")
    await cast.invoke("ann", "Call", "group", ["icu"])
    assert await cast.called() == {"ben"}
    await cast.invoke("ben", "Leave", "icu")
    await cast.invoke("ben", "Leave", "icu")
    await cast.invoke("ann", "Call", "group", ["icu"])
    assert await cast.called() == set()


async def test_a_connection_of_another_worker_is_put_into_a_group(cast):
    await cast.invoke("ann", "Put", "icu", cast.ids["ben"])
    await cast.invoke("ann", "Call", "group", ["icu"])
    assert await cast.called() == {"ben"}


@pytest.mark.parametrize("whom", ["other", "gone"])
async def test_a_connection_of_another_hub_or_none_is_put_nowhere(cast, whom, monkeypatch):
    monkeypatch.setattr("hubs.backplane.ACKNOWLEDGE_DEADLINE", 0.1)
    await cast.invoke("ann", "Put", "icu", cast.ids.get(whom, "gone"))
    await cast.invoke("ann", "Call", "group", ["icu"])
    assert await cast.called() == set()


@pytest.mark.parametrize("whom", ["ann", "nobody", "ben"])
async def test_a_client_is_asked_on_whichever_worker(cast, whom):
    cast._client(whom).answer("Count", lambda number: number * 21)
    asked = asyncio.ensure_future(cast.invoke("ann", "Ask", cast.ids[whom]))
    if whom != "ann":
        await cast.on(whom, cast._client(whom).receive_nothing(0.3))
    assert await asked == 42


async def test_a_client_that_does_not_exist_cannot_be_asked(cast, monkeypatch, hubs):
    monkeypatch.setattr("hubs.backplane.ACKNOWLEDGE_DEADLINE", 0.1)
    with pytest.raises(ConnectionError, match="Connection 'gone' does not exist"):
        await hub_context(Ward).clients.client("gone").invoke("Count")


async def test_an_answer_of_another_type_is_the_askers_error(cast):
    cast._client("ann").answer("Count", lambda number: "many")
    with pytest.raises(HubError, match="An unexpected error occurred invoking 'Ask'"):
        await cast.invoke("ann", "Ask", cast.ids["ann"])


async def test_an_answer_that_cannot_travel_to_the_asker_is_an_error_at_once(cast):
    cast._client("ben").answer("Count", lambda number: 2**70)
    asked = asyncio.ensure_future(hub_context(Ward).clients.client(cast.ids["ben"]).invoke("Count", 1))
    await cast.on("ben", cast._client("ben").receive_nothing(0.3))
    with pytest.raises(ConnectionError, match="has failed"):
        await asyncio.wait_for(asked, 1)


async def test_a_worker_that_does_not_answer_holds_no_call_for_ever(cast, monkeypatch):
    async def silent(*_):
        await asyncio.Event().wait()

    monkeypatch.setattr("hubs.sending.ANSWER_DEADLINE", 0.1)
    monkeypatch.setattr(Backplane, "_group_changed", silent)
    await cast.invoke("ann", "Put", "icu", cast.ids["ben"])
    assert await cast.invoke("ann", "OwnId") == cast.ids["ann"]


async def test_a_hub_is_reached_from_outside_in_synchronous_code(cast):
    await run(hub_context(Ward).clients.user(2).send_sync, "Called", "x")
    await run(publisher.current().flush)
    assert await cast.called() == {"ben"}


async def test_an_argument_that_no_protocol_carries_is_the_senders_error(cast):
    with pytest.raises(HubError, match="'SayRubbish'"):
        await cast.invoke("ann", "SayRubbish")
    with pytest.raises(TypeError):
        hub_context(Ward).clients.all.send_sync("Called", object())
    assert await cast.called() == set()


@pytest.mark.parametrize(
    ("who", "closed"),
    [({"user": 1}, {"ann", "ann2"}), ({"connection": "ben"}, {"ben"}), ({"group": "icu"}, {"ann", "ben"})],
)
async def test_connections_are_closed_for_good_on_whichever_worker(cast, who, closed):
    await cast.invoke("ann", "Join", "icu")
    await cast.invoke("ben", "Join", "icu")
    who = {kind: cast.ids.get(name, name) for kind, name in who.items()}
    await run(lambda: disconnect(Ward, **who))
    for name in closed:
        assert await cast.on(name, cast._client(name).receive_close()) == Close(None, False)
        await cast.on(name, cast._client(name).disconnect())
    for name in {"ann", "ann2", "ben", "nobody", "other"} - closed:
        assert await cast.invoke(name, "OwnId") == cast.ids[name]


async def test_who_has_left_is_in_no_group_and_is_no_error(cast):
    await cast.invoke("ben", "Join", "icu")
    await cast.on("ben", cast.there.pop("ben").disconnect())
    await cast.invoke("ann", "Call", "group", ["icu"])
    await cast.invoke("ann", "Call", "user", ["2"])
    await cast.invoke("ann", "Call", "client", [cast.ids["ben"]])
    assert await cast.called() == set()


async def test_LG_2_no_line_of_the_log_shows_what_was_sent(cast, caplog):
    caplog.set_level(logging.DEBUG)
    await hub_context(Ward).clients.all.send("Called", "NHS 943 476 5919")
    await cast.called()
    ours = [record for record in caplog.records if record.name.startswith("hubs")]
    assert "943" not in "\n".join(f"{record.getMessage()} {vars(record)}" for record in ours)
