import logging

import pytest
from channels.auth import AuthMiddlewareStack
from django.core.exceptions import ImproperlyConfigured

from hubs.actions import action
from hubs.auth import OriginMiddleware
from hubs.hub import Hub
from hubs.permissions import AllowAny, IsAuthenticated
from hubs.responses import respond
from hubs.testing import HubCommunicator, UpgradeRefused
from tests.cast import Cast
from tests.hubs.site import http, routes, site
from tests.hubs.tokens import bearer, token_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("ends_worker")]


class Desk(Hub):
    permission_classes = [IsAuthenticated]

    @action
    async def who(self) -> list[object]:
        return [self.user.pk, self.scope["user"].pk]


class Lobby(Desk):
    permission_classes = [AllowAny]


application = site(desk=Desk, lobby=Lobby)


def client(path="/hubs/desk", **kwargs) -> HubCommunicator:
    return HubCommunicator(application, path=path, **kwargs)


async def refusal(communicator: HubCommunicator) -> int:
    with pytest.raises(UpgradeRefused) as refused:
        await communicator.connect()
    assert refused.value.text == ""
    await communicator.disconnect()
    return refused.value.status


async def who(communicator: HubCommunicator) -> list[object]:
    async with communicator:
        return await communicator.invoke("Who")


async def test_a_token_in_the_header_opens(verified):
    assert await who(client(headers=[bearer(1)])) == [1, 1]
    assert len(verified) == 1


async def test_a_token_in_the_query_opens():
    assert await who(client(query=f"access_token={token_for(1)}")) == [1, 1]


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
async def test_the_scheme_is_matched_without_regard_to_case(scheme):
    headers = [(b"authorization", f"{scheme} {token_for(1)}".encode())]
    assert await who(client(headers=headers)) == [1, 1]


async def test_the_header_wins_over_the_query():
    assert await who(client(headers=[bearer(1)], query=f"access_token={token_for(2)}")) == [1, 1]


async def test_TR_9_a_bad_header_is_not_made_good_by_the_query():
    headers = [(b"authorization", b"Bearer rubbish")]
    assert await refusal(client(headers=headers, query=f"access_token={token_for(2)}")) == 401


async def test_LG_4_no_token_is_refused_with_one_warning_that_carries_the_connection_id(caplog):
    assert await refusal(client()) == 401
    [line] = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert line.message == "refused"
    assert len(line.connection) >= 16
    assert (line.reason, line.status, line.hub) == ("no token", 401, "/hubs/desk")


@pytest.mark.parametrize("query", ["", "access_token="])
@pytest.mark.parametrize("headers", [[(b"authorization", b"Basic bmFtZTpwYXNz")], [(b"authorization", b"")]])
async def test_other_authorization_is_no_token(headers, query):
    assert await refusal(client(headers=headers, query=query)) == 401


async def test_TR_9_access_token_given_twice_is_refused_though_both_are_good(verified):
    token = token_for(1)
    assert await refusal(client(query=f"access_token={token}&access_token={token}")) == 401
    assert await refusal(client(query=f"access_token={token}&ACCESS_TOKEN={token}")) == 401
    assert verified == []


@pytest.mark.parametrize("path", ["/other/desk", "/hubsdesk", "/", "/api/hubs/desk"])
async def test_a_token_in_the_query_counts_below_hubs_only(path, verified):
    assert await refusal(client(path, query=f"access_token={token_for(1)}")) == 404
    assert verified == []


async def test_the_prefix_is_a_setting(hubs, verified):
    hubs(PATH_PREFIX="/elsewhere")
    assert await refusal(client(query=f"access_token={token_for(1)}")) == 401
    assert verified == []


@pytest.mark.parametrize(
    "headers",
    [
        [bearer(1), bearer(1)],
        [bearer(1), bearer(2)],
        [bearer(1), (b"authorization", b"Basic bmFtZTpwYXNz")],
        [(b"authorization", b"Basic bmFtZTpwYXNz"), bearer(1)],
    ],
)
async def test_TR_9_several_authorization_headers_are_refused(headers, verified):
    assert await refusal(client(headers=headers)) == 401
    assert verified == []


@pytest.mark.parametrize(
    "token", [b"", b" ", b"a b", b"\xff\xfe", b"x" * 10_240, b"a\x00b", b"a,b", "é".encode(), b"<script>"]
)
async def test_TR_9_what_cannot_be_a_token_is_refused_before_anybody_looks_at_it(token, verified):
    assert await refusal(client(headers=[(b"authorization", b"Bearer " + token)])) == 401
    assert verified == []


async def test_TR_9_a_token_of_ten_kilobytes_in_the_query_is_refused(verified):
    assert await refusal(client(query=f"access_token={'x' * 10_240}")) == 401
    assert verified == []


@pytest.mark.parametrize("query", [b"access_token=%ff", b"access_token=\xff", b"%ff=1", b"\xc3\x28"])
async def test_TR_9_a_query_that_is_no_utf8_is_a_bad_request(query):
    communicator = client(headers=[bearer(1)])
    communicator.scope["query_string"] = query
    assert await refusal(communicator) == 400


async def test_the_same_bad_requests_over_http_are_refused_alike():
    async with http(application) as browser:
        answers = [
            await browser.post("/hubs/desk/negotiate?access_token=%ff"),
            await browser.post(f"/hubs/desk/negotiate?access_token={'x' * 10_240}"),
            await browser.post("/hubs/desk/negotiate?access_token=a&access_token=b"),
            await browser.post("/hubs/desk/negotiate", headers=[bearer(1), bearer(1)]),
            await browser.post("/hubs/desk/negotiate"),
        ]
    assert [(answer.status_code, answer.content) for answer in answers] == [(400, b"")] + [(401, b"")] * 4


async def test_an_expired_token_is_refused():
    assert await refusal(client(headers=[bearer(1, seconds=-1)])) == 401


async def session_cookie(async_client, someone) -> tuple[bytes, bytes]:
    await async_client.aforce_login(someone)
    return b"cookie", f"theme=dark; sessionid={async_client.cookies['sessionid'].value}".encode()


@pytest.fixture
def cast(transactional_db) -> Cast:
    return Cast()


async def test_TR_6_a_session_cookie_alone_opens_no_hub(async_client, cast):
    cookie = await session_cookie(async_client, cast.nurse)
    assert await refusal(client(headers=[cookie])) == 401


async def test_TR_6_where_everybody_may_come_a_cookie_makes_nobody_somebody(async_client, cast):
    cookie = await session_cookie(async_client, cast.nurse)
    assert await who(client("/hubs/lobby", headers=[cookie])) == [None, None]


@pytest.mark.parametrize("space", [b"\xa0", b"\x85", b"\x1f"])
async def test_white_space_that_django_would_strip_hides_no_session_cookie(space, async_client, cast):
    name, cookie = await session_cookie(async_client, cast.nurse)
    hidden = cookie.replace(b"sessionid", space + b"sessionid" + space)
    assert await who(client("/hubs/lobby", headers=[(name, hidden)])) == [None, None]


@pytest.mark.parametrize("token", ["rubbish", token_for(1, seconds=-1)], ids=["unreadable", "expired"])
@pytest.mark.parametrize("path", ["/hubs/desk", "/hubs/lobby"])
async def test_JW_11_a_bad_token_is_refused_though_a_good_cookie_comes_along(path, token, async_client, cast):
    cookie = await session_cookie(async_client, cast.nurse)
    headers = [cookie, (b"authorization", f"Bearer {token}".encode())]
    assert await refusal(client(path, headers=headers)) == 401
    assert await refusal(client(path, headers=[cookie], query=f"access_token={token}")) == 401


async def test_a_good_token_decides_whoever_the_cookie_belongs_to(async_client, cast):
    cookie = await session_cookie(async_client, cast.nurse)
    assert await who(client(headers=[cookie, bearer(4711)])) == [4711, 4711]


async def test_a_verify_that_breaks_refuses_and_says_so(monkeypatch, hubs, caplog):
    def broken(token: str):
        raise LookupError("no key")

    monkeypatch.setattr("tests.hubs.tokens.broken", broken, raising=False)
    hubs(VERIFY="tests.hubs.tokens.broken")
    assert await refusal(client(headers=[bearer(1)])) == 503
    assert "tokens cannot be verified" in caplog.messages


@pytest.mark.parametrize(
    "origin",
    [
        b"https://evil.example",
        b"https://board.example.evil.example",
        b"https://evil-board.example",
        b"https://board.example:8443",
        b"http://board.example",
        b"https://board.example/",
        b"https://sub.board.example",
        b"null",
        b"",
        b"*",
        b"\xff",
    ],
)
async def test_TR_4_a_foreign_origin_is_refused_before_its_token_is_looked_at(origin, verified, caplog):
    assert await refusal(client(headers=[(b"origin", origin), bearer(1)])) == 403
    assert verified == []
    async with http(application) as browser:
        answer = await browser.post("/hubs/desk/negotiate", headers=[(b"origin", origin), bearer(1)])
    assert (answer.status_code, answer.content) == (403, b"")
    assert verified == []
    assert {record.reason for record in caplog.records if record.message == "refused"} == {
        "origin not allowed"
    }


async def test_TR_4_two_origins_are_refused():
    origins = [(b"origin", b"https://board.example")] * 2
    assert await refusal(client(headers=[*origins, bearer(1)])) == 403


@pytest.mark.parametrize(
    "headers", [[], [(b"origin", b"https://board.example")], [(b"origin", b"HTTPS://Board.Example")]]
)
async def test_TR_5_our_own_pages_and_clients_without_a_page_come_in(headers):
    assert await who(client(headers=[*headers, bearer(1)])) == [1, 1]


async def test_every_origin_comes_in_where_the_list_says_so(hubs):
    hubs(ALLOWED_ORIGINS=["*"])
    assert await who(client(headers=[(b"origin", b"https://evil.example"), bearer(1)])) == [1, 1]


@pytest.mark.parametrize("origins", [None, []])
async def test_without_a_list_no_page_comes_in(hubs, origins):
    hubs(ALLOWED_ORIGINS=origins)
    assert await refusal(client(headers=[(b"origin", b"https://board.example"), bearer(1)])) == 403


async def test_where_the_server_cannot_answer_an_upgrade_the_socket_is_closed():
    communicator = client()
    del communicator.scope["extensions"]
    assert await refusal(communicator) == 403


async def test_a_hub_serves_nobody_when_the_token_middleware_is_missing():
    bare = OriginMiddleware(AuthMiddlewareStack(routes(lobby=Lobby)))
    with pytest.raises(ImproperlyConfigured, match="has not passed QueryStringTokenMiddleware"):
        await bare({"type": "websocket", "path": "/hubs/lobby", "headers": []}, None, None)
    async with http(bare) as browser:
        with pytest.raises(ImproperlyConfigured, match="has not passed QueryStringTokenMiddleware"):
            await browser.post("/hubs/lobby/negotiate", headers=[bearer(1)])


async def test_UQ_4_no_line_of_the_log_shows_a_token(caplog):
    caplog.set_level(logging.DEBUG)
    good, expired, rubbish = token_for(1), token_for(1, seconds=-1), "opaque-rubbish-token"
    await who(client(headers=[(b"authorization", f"Bearer {good}".encode())]))
    for token in (good, expired, rubbish):
        await refusal(client(query=f"access_token={token}&access_token={token}"))
    for token in (expired, rubbish):
        await refusal(client(query=f"access_token={token}"))
    async with http(application) as browser:
        answer = await browser.post(f"/hubs/desk/negotiate?access_token={good}&negotiateVersion=1")
        secret = answer.json()["connectionToken"]
        await browser.get(f"/hubs/desk?id={secret}x&access_token={good}")
    lines = [record for record in caplog.records if not record.name.startswith("httpx")]
    assert {"connected", "disconnected", "refused"} <= {record.message for record in lines}
    shown = "\n".join(f"{record.getMessage()} {vars(record)} {record.exc_text}" for record in lines)
    for token in (good, expired, rubbish, secret):
        assert token not in shown


async def test_no_connection_waits_for_the_thread_that_django_views_share(monkeypatch):
    """Channels' own stack asks for the user of a session there, which no hub has."""

    async def get_user(scope):
        raise AssertionError("the shared thread was asked")

    monkeypatch.setattr("channels.auth.get_user", get_user)
    assert await who(client(headers=[bearer(1)])) == [1, 1]
    assert await refusal(client()) == 401
    assert await who(client(path="/hubs/lobby")) == [None, None]


async def test_a_server_that_takes_no_answer_any_more_is_no_fault_of_ours(caplog):
    """uvicorn answers garbage that stands behind a request itself, while the request is being served."""
    caplog.set_level("INFO")

    async def taken_already(message):
        raise RuntimeError("can't handle event type Response when state=MUST_CLOSE")

    await respond({"type": "http", "client": ("192.0.2.1", 1)}, taken_already, 400)
    (line,) = caplog.records
    assert (line.levelname, line.message, line.address) == ("INFO", "answer not taken", "192.0.2.1")


@pytest.mark.parametrize(("version", "opens"), [(b"13", True), (b"8", False), (b"0", False), (b"", False)])
async def test_TR_2_only_sockets_of_the_standards_version_come_in(version, opens, verified):
    communicator = client(headers=[(b"sec-websocket-version", version), bearer(1)])
    if opens:
        assert await who(communicator) == [1, 1]
    else:
        assert await refusal(communicator) == 400
        assert verified == []


async def test_LG_1_a_refused_request_is_logged_with_where_its_page_is(caplog):
    evil = b"https://evil.example" + b"x" * 500
    assert await refusal(client(headers=[(b"origin", evil)])) == 403
    [line] = [record for record in caplog.records if record.message == "refused"]
    assert (line.reason, line.address) == ("origin not allowed", "127.0.0.1")
    assert line.origin == evil.decode()[:200]
