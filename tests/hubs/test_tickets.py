import asyncio
import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.db import OperationalError
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from clinical.management.commands.seed_demo import PASSWORD
from hubs import directory, errors, tickets
from hubs.hub import Hub
from hubs.permissions import IsAuthenticated
from hubs.scopes import origin_of
from hubs.testing import HubCommunicator, UpgradeRefused
from tests.hubs.site import http, site
from tests.hubs.tokens import bearer, token_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("ends_worker")]

RACES = 100


class Desk(Hub):
    permission_classes = [IsAuthenticated]


application = site(desk=Desk, other=Desk)


@pytest.fixture
async def browser():
    async with http(application) as browser:
        yield browser


async def negotiated(browser, headers=None, path="/hubs/desk") -> dict:
    answer = await browser.post(f"{path}/negotiate?negotiateVersion=1", headers=headers or [bearer(1)])
    return answer.json() if answer.status_code == 200 else {"status": answer.status_code}


def opened_by(ticket: str, connection_token: str | None = None, path="/hubs/desk") -> HubCommunicator:
    id_ = f"id={connection_token}&" if connection_token else ""
    return HubCommunicator(application, path=path, query=f"{id_}access_token={ticket}")


def presenting(ticket: str) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {ticket}".encode())]


async def refusal(communicator: HubCommunicator) -> int:
    with pytest.raises(UpgradeRefused) as refused:
        await communicator.connect()
    await communicator.disconnect()
    return refused.value.status


async def test_UQ_2_negotiate_hands_out_a_ticket_that_opens_the_connection(browser):
    answer = await negotiated(browser)
    assert tickets.is_ticket(answer["accessToken"])
    assert token_for(1)[:20] not in answer["accessToken"]
    async with opened_by(answer["accessToken"], answer["connectionToken"]):
        pass


async def test_a_ticket_in_the_header_is_as_good(browser):
    ticket = (await negotiated(browser))["accessToken"]
    second = await negotiated(browser, [(b"authorization", f"Bearer {ticket}".encode())])
    assert "accessToken" not in second  # new ids for the same ticket, as a client needs that falls back
    async with opened_by(ticket, second["connectionToken"]):
        pass


async def test_UQ_2_a_ticket_opens_no_other_hub(browser):
    answer = await negotiated(browser)
    with pytest.raises(UpgradeRefused):
        await opened_by(answer["accessToken"], path="/hubs/other").connect()


async def test_UQ_2_a_connection_token_is_worthless_with_the_ticket_of_another_user(browser):
    answer = await negotiated(browser)
    other = await negotiated(browser, [bearer(2)])
    with pytest.raises(UpgradeRefused):
        await opened_by(other["accessToken"], answer["connectionToken"]).connect()


async def test_UQ_2_a_ticket_of_more_than_a_minute_opens_nothing(browser, clock):
    answer = await negotiated(browser)
    clock.advance(tickets.OPENS_FOR + 2)
    with pytest.raises(UpgradeRefused):
        await opened_by(answer["accessToken"]).connect()
    refused = await negotiated(browser, [(b"authorization", f"Bearer {answer['accessToken']}".encode())])
    assert refused == {"status": 401}


async def test_a_ticket_that_somebody_made_up_is_refused(browser):
    for made_up in ("ticket.", "ticket.x", f"ticket.{token_for(1)}"):
        with pytest.raises(UpgradeRefused):
            await opened_by(made_up).connect()


async def test_UQ_1_where_only_tickets_are_taken_a_token_in_the_query_is_refused(browser, hubs):
    hubs(QUERY_TOKEN="ticket")
    with pytest.raises(UpgradeRefused):
        await opened_by(token_for(1)).connect()
    answer = await negotiated(browser)
    async with opened_by(answer["accessToken"], answer["connectionToken"]):
        pass


async def test_without_tickets_negotiate_answers_as_signalr_does(browser, hubs):
    hubs(QUERY_TOKEN="jwt")
    answer = await negotiated(browser)
    assert "accessToken" not in answer
    async with opened_by(token_for(1), answer["connectionToken"]):
        pass


def test_a_ticket_shows_nothing_of_what_it_holds():
    ticket = tickets.issue("marker-of-the-token", hub="/hubs/desk", connection_id="one")
    assert "marker" not in ticket
    assert "desk" not in json.dumps(ticket)


def test_tickets_survive_a_rotation_of_the_secret_key(settings):
    ticket = tickets.issue("token", hub="/hubs/desk", connection_id="one")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 8
    read = tickets.read(ticket, hub="/hubs/desk")
    assert read == tickets.Ticket("token", "one", is_fresh=True, origin=None)


async def test_UQ_2_a_ticket_is_worth_nothing_with_a_connection_token_that_was_used(browser):
    answer = await negotiated(browser)
    async with HubCommunicator(application, path="/hubs/desk", headers=[bearer(1)]):
        async with opened_by(answer["accessToken"], answer["connectionToken"]):
            pass
        with pytest.raises(UpgradeRefused):
            await opened_by(answer["accessToken"], answer["connectionToken"]).connect()


async def test_UQ_2_a_ticket_that_names_no_connection_opens_once(browser):
    answer = await negotiated(browser)
    ticket, token = answer["accessToken"], answer["connectionToken"]
    async with opened_by(ticket):
        assert await refusal(opened_by(ticket)) == 409
        assert await refusal(opened_by(ticket, token)) == 409
    for again in (opened_by(ticket), opened_by(ticket, token)):
        assert await refusal(again) == 404


async def test_UQ_2_a_ticket_opens_nothing_by_itself_once_its_connection_was_opened_by_name(browser):
    answer = await negotiated(browser)
    async with opened_by(answer["accessToken"], answer["connectionToken"]):
        assert await refusal(opened_by(answer["accessToken"])) == 409
    assert await refusal(opened_by(answer["accessToken"])) == 404


@pytest.mark.parametrize("arrived", [True, False])
async def test_UQ_2_who_falls_back_gets_new_ids_until_one_connection_has_come_about(browser, arrived):
    """The stock client does so; whoever finds its ticket in a log does not get in."""
    first = await negotiated(browser)
    ticket = first["accessToken"]
    if arrived:
        failed = opened_by(ticket, first["connectionToken"])
        await failed.upgrade()
        await failed.disconnect(1006)
    second, third = [await negotiated(browser, presenting(ticket)) for _ in range(2)]
    async with opened_by(ticket, second["connectionToken"]):
        assert await negotiated(browser, presenting(ticket)) == {"status": 401}
        assert await refusal(opened_by(ticket, third["connectionToken"])) == 401
        assert await refusal(opened_by(ticket)) == 404
    async with opened_by((await negotiated(browser))["accessToken"]):
        pass


async def test_UQ_2_of_many_sockets_that_one_ticket_has_opened_one_shakes_hands(browser, caplog):
    """Until a handshake each gets new ids for it, as the stock client needs that falls back."""
    first = await negotiated(browser)
    ticket = first["accessToken"]
    others = [await negotiated(browser, presenting(ticket)) for _ in range(4)]
    sockets = [opened_by(ticket, each["connectionToken"]) for each in (first, *others)]
    for socket in sockets:
        await socket.upgrade()
    answers = await asyncio.gather(*map(shaken_hands, sockets))
    assert Counter(answers) == {"{}\x1e": 1, f'{{"error":"{errors.TICKET_USED}"}}\x1e': 4}
    refused = [record.reason for record in caplog.records if record.message == "refused"]
    assert refused == ["handshake: ticket used"] * 4
    for socket in sockets:
        await socket.disconnect()


async def shaken_hands(socket: HubCommunicator) -> str:
    await socket.send_text('{"protocol":"json","version":1}\x1e')
    return (await socket.receive_output())["text"]


async def test_UQ_2_while_the_database_cannot_say_whether_it_was_used_a_ticket_opens_nothing(
    browser, monkeypatch
):
    answer = await negotiated(browser)
    socket = opened_by(answer["accessToken"], answer["connectionToken"])
    await socket.upgrade()
    monkeypatch.setattr(directory, "use_up_ticket", broken)
    assert await shaken_hands(socket) == f'{{"error":"{errors.HANDSHAKE_FAILED}"}}\x1e'
    await socket.disconnect()


def broken(_: str) -> bool:
    raise OperationalError


@pytest.mark.parametrize(
    ("negotiated_by", "opened_from", "opens"),
    [
        ("https://board.example", "https://board.example", True),
        ("https://board.example", "https://BOARD.example", True),
        ("https://board.example", None, True),
        (None, "https://board.example", True),
        (None, None, True),
        ("https://board.example", "https://other.example", False),
    ],
)
def test_UQ_2_a_ticket_is_for_the_page_that_negotiated(negotiated_by, opened_from, opens):
    origins = [] if opened_from is None else [(b"origin", opened_from.encode())]
    issued = tickets.issue("token", hub="/hubs/desk", connection_id="one", origin=negotiated_by)
    assert tickets.read(issued, hub="/hubs/desk").is_for_page(origin_of(origins)) == opens


async def test_UQ_2_another_page_cannot_use_a_ticket_though_both_may_come(browser, hubs):
    hubs(ALLOWED_ORIGINS=["https://board.example", "https://other.example"])
    answer = await negotiated(browser, [bearer(1), (b"origin", b"https://board.example")])
    thief = opened_by(answer["accessToken"], answer["connectionToken"])
    thief.scope["headers"] = [(b"origin", b"https://other.example")]
    assert await refusal(thief) == 401
    async with opened_by(answer["accessToken"], answer["connectionToken"]):
        pass


@pytest.mark.long
@pytest.mark.parametrize("names_its_connection", [True, False])
def test_UQ_2_of_two_parallel_starts_at_two_workers_exactly_one_wins(start_site, names_its_connection):
    site = start_site(workers=2)
    login = {"username": "nurse.icu", "password": PASSWORD}
    with httpx.Client(base_url=site.url, timeout=30) as client, ThreadPoolExecutor(2) as pool:
        access = client.post("/api/token/", json=login).json()["access"]
        for _ in range(RACES):
            headers = {"Authorization": f"Bearer {access}"}
            answer = client.post("/hubs/clinical/negotiate?negotiateVersion=1", headers=headers).json()
            query = f"access_token={answer['accessToken']}"
            if names_its_connection:
                query += f"&id={answer['connectionToken']}"
            barrier = threading.Barrier(2)
            addresses = [f"{url.replace('http', 'ws')}/hubs/clinical?{query}" for url in site.urls]
            assert sum(pool.map(starts, addresses, [barrier] * 2)) == 1


def starts(address: str, barrier: threading.Barrier) -> bool:
    """Whether a start was let in, and shook hands."""
    barrier.wait(30)
    try:
        with connect(address, proxy=None) as socket:
            socket.send('{"protocol":"json","version":1}\x1e')
            return socket.recv(timeout=30) == "{}\x1e"
    except InvalidStatus:
        return False


async def test_UQ_3_what_counts_in_a_url_is_bearer_tokens_too_until_the_setting_says_otherwise(browser, hubs):
    async with opened_by(token_for(1)):
        pass
    hubs(QUERY_TOKEN="ticket")
    refused = await browser.post(f"/hubs/desk/negotiate?access_token={token_for(1)}")
    assert refused.status_code == 401


@pytest.mark.parametrize("status", [200, 401])
async def test_UQ_5_no_cache_keeps_an_answer_with_a_ticket_nor_a_refusal(browser, status):
    headers = [bearer(1)] if status == 200 else []
    answer = await browser.post("/hubs/desk/negotiate?negotiateVersion=1", headers=headers)
    assert answer.status_code == status
    assert "no-store" in answer.headers["cache-control"]


async def test_TR_4_a_foreign_page_uses_up_no_ticket(browser):
    answer = await negotiated(browser)
    foreign = opened_by(answer["accessToken"], answer["connectionToken"])
    foreign.scope["headers"] = [(b"origin", b"https://evil.example")]
    with pytest.raises(UpgradeRefused) as refused:
        await foreign.connect()
    assert refused.value.status == 403
    async with opened_by(answer["accessToken"], answer["connectionToken"]):
        pass
