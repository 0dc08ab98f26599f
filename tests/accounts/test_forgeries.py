"""Whatever is wrong with a token, every door gives one answer, and the log one line with the reason."""

import contextlib
import logging
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any
from urllib.parse import quote

import pytest
from channels.routing import get_default_application
from django.db import connection
from django.test.utils import CaptureQueriesContext
from httpx import ASGITransport, AsyncClient, Response
from pytest_django import Settings

from accounts import tokens
from accounts.models import LoginSession, User
from hubs.auth import InvalidToken
from hubs.errors import HubError
from hubs.executor import run
from hubs.testing import HubCommunicator, UpgradeRefused
from hubs.worker import existing_worker
from tests.accounts import forgeries
from tests.cast import Cast, login_of, token_of

pytestmark = pytest.mark.django_db(transaction=True)

HUB = "/hubs/clinical"
Answer = tuple[int, bytes, tuple[tuple[str, str], ...]]
Door = Callable[[AsyncClient, str], Coroutine[Any, Any, Answer]]


def answer_of(response: Response) -> Answer:
    """Status, bytes and headers but for the request's own id."""
    kept = sorted((name, value) for name, value in response.headers.items() if name != "x-request-id")
    return response.status_code, response.content, tuple(kept)


def bearer(token: str) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", b"Bearer " + token.encode(errors="replace"))]


async def negotiate(client: AsyncClient, token: str) -> Answer:
    return answer_of(await client.post(f"{HUB}/negotiate?negotiateVersion=1", headers=bearer(token)))


async def negotiate_by_query(client: AsyncClient, token: str) -> Answer:
    return answer_of(await client.post(f"{HUB}/negotiate?access_token={escaped(token)}"))


async def event_stream(client: AsyncClient, token: str) -> Answer:
    headers = [(b"accept", b"text/event-stream")]
    return answer_of(await client.get(f"{HUB}?id=unknown&access_token={escaped(token)}", headers=headers))


async def long_poll(client: AsyncClient, token: str) -> Answer:
    return answer_of(await client.get(f"{HUB}?id=unknown", headers=bearer(token)))


async def post(client: AsyncClient, token: str) -> Answer:
    return answer_of(await client.post(f"{HUB}?id=unknown", headers=bearer(token), content=b"{}\x1e"))


async def newer_token(client: AsyncClient, token: str) -> Answer:
    return answer_of(await client.post(f"{HUB}/refresh?id=unknown", headers=bearer(token)))


async def upgrade(client: AsyncClient, token: str) -> Answer:
    return await _upgrade(HubCommunicator(application(), path=HUB, headers=bearer(token)))


async def upgrade_by_query(client: AsyncClient, token: str) -> Answer:
    return await _upgrade(HubCommunicator(application(), path=HUB, query=f"access_token={escaped(token)}"))


async def _upgrade(communicator: HubCommunicator) -> Answer:
    try:
        await communicator.connect()
    except UpgradeRefused as refused:
        return refused.status, refused.text.encode(), ()
    finally:
        await communicator.disconnect()
    return 101, b"", ()


async def api(client: AsyncClient, token: str) -> Answer:
    return answer_of(await client.get("/api/patients/", headers=bearer(token)))


async def refresh(client: AsyncClient, token: str) -> Answer:
    return answer_of(await client.post("/api/token/refresh/", json={"refresh": token}))


async def revoke(client: AsyncClient, token: str) -> Answer:
    return answer_of(await client.post("/api/token/revoke/", json={"refresh": token}))


def names_of(doors: list[tuple[Door, int]]) -> list[str]:
    return [door.__name__ for door, _ in doors]


ACCESS_DOORS: list[tuple[Door, int]] = [
    (negotiate, 200),
    (negotiate_by_query, 200),
    (event_stream, 404),
    (long_poll, 404),
    (post, 404),
    (newer_token, 404),
    (upgrade, 101),
    (upgrade_by_query, 101),
    (api, 200),
]
REFRESH_DOORS: list[tuple[Door, int]] = [(refresh, 200), (revoke, 204)]


def escaped(token: str) -> str:
    return quote(token, safe="", errors="replace")


def refresh_token_of(user: User) -> str:
    return tokens.refresh_for(login_of(user))


def application() -> Any:
    return get_default_application()


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    async with AsyncClient(transport=ASGITransport(application()), base_url="http://localhost") as client:
        yield client
    if (worker := existing_worker()) is not None:
        await worker.stop()


def secrets_of(token: str) -> list[str]:
    return [part for part in token.split(".") if len(part) > 15] or [token]


async def tried(door: Door, client: AsyncClient, token: str, caplog: pytest.LogCaptureFixture) -> Answer:
    """What the door answers; the log must hold the reason once, no traceback, and nothing of the token."""
    caplog.clear()
    answer = await door(client, token)
    records = [record for record in caplog.records if record.name != "httpx"]  # the client's own lines
    refusals = [record for record in records if record.getMessage() == "refused"]
    assert len(refusals) == 1, (answer, [vars(record) for record in records])
    assert vars(refusals[0])["reason"].startswith("bad token: ")
    shown = " ".join(f"{record.getMessage()} {vars(record)}" for record in records)
    assert not any(record.exc_info for record in records)
    assert not any(each in shown for each in secrets_of(token) if len(token) > 15), shown
    return answer


@pytest.mark.parametrize(("door", "opened"), ACCESS_DOORS, ids=names_of(ACCESS_DOORS))
async def test_TR_8_every_door_refuses_every_forgery_in_the_same_bytes(
    cast: Cast, client: AsyncClient, caplog: pytest.LogCaptureFixture, door: Door, opened: int
) -> None:
    caplog.set_level(logging.DEBUG)
    corpus = await run(forgeries.corpus, cast.nurse)
    corpus["a refresh token"] = await run(refresh_token_of, cast.nurse)
    await all_refused(door, client, corpus, caplog)
    assert (await door(client, token_of(cast.nurse)))[0] == opened


@pytest.mark.parametrize(("door", "opened"), REFRESH_DOORS, ids=names_of(REFRESH_DOORS))
async def test_no_forgery_refreshes_or_ends_a_login(
    cast: Cast, client: AsyncClient, caplog: pytest.LogCaptureFixture, door: Door, opened: int
) -> None:
    caplog.set_level(logging.DEBUG)
    corpus = await run(forgeries.corpus, cast.nurse, refresh_token_of)
    corpus["an access token"] = token_of(cast.nurse)
    del corpus["a NUL"]  # of which the body's own rules say 400
    await all_refused(door, client, corpus, caplog)
    assert (await door(client, await run(refresh_token_of, cast.nurse)))[0] == opened


async def test_no_forgery_prolongs_an_open_connection(
    cast: Cast, client: AsyncClient, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    settings.HUBS = {**settings.HUBS, "RATE_LIMITS": {}}
    corpus = await run(forgeries.corpus, cast.nurse)
    texts = {}
    async with HubCommunicator(application(), path=HUB, headers=bearer(token_of(cast.nurse))) as open_one:
        for name, token in corpus.items():
            caplog.clear()
            with pytest.raises(HubError) as refused:
                await open_one.invoke("RefreshAuthentication", token)
            texts[name] = str(refused.value)
            lines = [record for record in caplog.records if record.getMessage() == "refresh refused"]
            assert len(lines) == 1
            assert not any(record.exc_info for record in caplog.records)
            shown = " ".join(str(vars(record)) for record in caplog.records)
            assert not any(each in shown for each in secrets_of(token) if len(token) > 15), shown
        assert {name: text for name, text in texts.items() if text != texts["another key"]} == {}
        assert await open_one.invoke("RefreshAuthentication", token_of(cast.nurse)) > 0


async def all_refused(
    door: Door, client: AsyncClient, corpus: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    answers = {name: await tried(door, client, token, caplog) for name, token in corpus.items()}
    expected = answers["another key"]
    assert expected[0] == 401
    assert {name: answer for name, answer in answers.items() if answer != expected} == {}


def test_no_forgery_is_anybodys_token(cast: Cast) -> None:
    for make, verify in ((token_of, tokens.verify), (refresh_token_of, tokens.use_refresh)):
        opened = []
        for name, token in forgeries.corpus(cast.nurse, make).items():
            with contextlib.suppress(InvalidToken):
                verify(token)
                opened.append(name)
        assert opened == []
        verify(make(cast.nurse))


def test_DS_4_a_forgery_costs_less_than_a_good_token(cast: Cast) -> None:
    """No query before the signature is right, then one as for a good token, and never a password's hash."""
    corpus = forgeries.corpus(cast.nurse)
    unsigned = (
        forgeries.unsigned({}) | forgeries.other_algorithms({}) | forgeries.other_keys({"sid": "", "jti": ""})
    )
    for name, token in corpus.items():
        with CaptureQueriesContext(connection) as queries, pytest.raises(InvalidToken):
            tokens.verify(token)
        assert len(queries) <= (0 if name in unsigned else 1), name


def work_of(token: str) -> tuple[int, int]:
    """Queries and calls of Python that a refusal takes: what its time is made of, and the same every time."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    def refused() -> None:
        sys.setprofile(count)
        try:
            tokens.verify(token)
        finally:
            sys.setprofile(None)

    with CaptureQueriesContext(connection) as queries, pytest.raises(InvalidToken):
        refused()
    return len(queries), calls


def test_TR_8_a_refusal_takes_the_same_work_whatever_its_reason(cast: Cast) -> None:
    """Whoever has no key sees one class of times, whoever has had a good token another one."""
    good = forgeries.claims_of(token_of(cast.nurse))
    ended = token_of(cast.doctor)
    login_of(cast.doctor).user.delete()
    former = token_of(cast.nurse_of_another_ward)
    LoginSession.objects.get_queryset().filter(user=cast.nurse_of_another_ward).end("logged out")
    classes = {
        0: forgeries.other_keys(good),
        1: {
            "deleted user": ended,
            "deactivated user": token_of(cast.deactivated),
            "login ended": former,
            "unknown login": forgeries.made(forgeries.HEADER, good | {"sid": str(uuid.uuid4())}),
            "unknown user": forgeries.made(forgeries.HEADER, good | {"sub": "999999"}),
        },
    }
    tokens.verify(token_of(cast.nurse))  # what is done once only
    for queries, alike in classes.items():
        works = {name: work_of(token) for name, token in alike.items()}
        assert {name: asked for name, (asked, _) in works.items() if asked != queries} == {}
        calls = [count for _, count in works.values()]
        assert max(calls) < 1.5 * min(calls), works
