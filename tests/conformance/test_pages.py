"""Promises of the contract's plain pages, tokens, cookies, CORS and of negotiations."""

import httpx
import pytest

from hubs.errors import HubError
from tests.conformance.client import connected

ORIGIN = "https://elsewhere.example"
PROTECTED = ("/authorizedhub", "/securehub", "/adminhub")
OPEN = (
    "/testhub",
    "/testhub-nowebsockets",
    "/uncreatable",
    "/extrahub",
    "/impatienthub",
    "/hub",
    "/echo",
)


async def test_an_unknown_page_is_an_empty_404(server):
    for path in ("/nowhere", "/nowhere/negotiate", "/testhubs", "/testhub/a/b", "/static/x", "/"):
        answer = await server.get(path)
        assert (answer.status_code, answer.reason_phrase, answer.content) == (404, "Not Found", b"")


async def test_the_deployment_is_an_object(server):
    answer = await server.get("/deployment")
    assert (answer.status_code, type(answer.json())) == (200, dict)


async def test_a_bad_negotiation_says_something(server):
    answer = await server.post("/bad-negotiate/negotiate?negotiateVersion=1")
    assert (answer.status_code, answer.text) == (400, "Some response from server")


async def test_redirects_are_counted_and_name_the_test_hub(server):
    urls = [(await server.post("/redirect/negotiate?baseUrl=http://b")).json()["url"] for _ in range(3)]
    base = "http://b/testhub?numRedirects="
    first = int(urls[0].removeprefix(base))
    assert urls == [f"{base}{first + number}" for number in range(3)]


async def test_a_redirect_may_bring_a_token(server):
    answer = (await server.post(f"/redirect-token/negotiate?baseUrl={server.address}")).json()
    assert answer["url"] == f"{server.address}/securehub"
    async with connected(server.place("/securehub", token=answer["accessToken"])) as client:
        assert await client.invoke("WhoAmI") == "redirected"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_the_echo_redirect_keeps_method_path_and_query(server, method):
    async with httpx.AsyncClient() as http:
        answer = await http.request(method, f"{server.address}/echoredirect/negotiate?a=1&b=x%20y")
    assert answer.status_code == 307
    assert answer.headers["location"] == "/echo/negotiate?a=1&b=x%20y"


async def test_a_gate_opens_for_good_and_a_journal_keeps_its_order(server):
    async with connected(server.place("/extrahub")) as client:
        for line in ("one", "two", "three"):
            await client.invoke("Note", client.connection_id, line)
    assert (await server.get(f"/journal/{client.connection_id}")).json() == ["one", "two", "three"]
    assert (await server.get("/journal/nothing")).json() == []
    assert (await server.post(f"/gate/{client.connection_id}")).status_code == 200


async def test_a_broadcast_reaches_all_of_the_extra_hub(server):
    async with (
        connected(server.place("/extrahub")) as one,
        connected(server.place("/extrahub")) as other,
    ):
        assert (await server.post(f"/broadcast/{one.connection_id}?text=hello%20all")).status_code == 200
        assert await one.called(one.connection_id) == ["hello all"]
        assert await other.called(one.connection_id) == ["hello all"]


async def test_a_page_asks_a_client_for_its_result(server):
    async with connected(server.place("/testhub")) as client:
        page = f"/clientresult/{client.connection_id}"
        assert (await server.get(page)).text == "Client didn't provide a result."
        client.answer("Result", lambda: 42)
        assert (await server.get(page)).text == "42"
        client.answer("Result", lambda: "many")
        answer = await server.get(page)
        assert (answer.status_code, answer.text != "many") == (200, True)
        assert await client.invoke("Echo", "still here") == "still here"
    answer = await server.get("/clientresult/nobody")
    assert (answer.status_code, answer.text) == (200, "Connection 'nobody' does not exist.")


@pytest.mark.parametrize(
    "path", ["/testhub/negotiate", "/securehub/negotiate", "/redirect/negotiate", "/nowhere/negotiate"]
)
async def test_every_negotiation_sets_cookies_whatever_comes_of_it(server, path):
    answer = await server.post(path)
    cookies = [each.partition(";")[0] for each in answer.headers.get_list("set-cookie")]
    assert cookies == ["testCookie=testValue", "testCookie2=testValue2", "expiredCookie=doesntmatter"]
    assert dict(answer.cookies) == {"testCookie": "testValue", "testCookie2": "testValue2"}


@pytest.mark.parametrize(
    "path", ["/testhub/negotiate", "/securehub/negotiate", "/deployment", "/nowhere", "/testhub", "/redirect"]
)
async def test_pages_of_every_origin_may_read_every_answer(server, path):
    answer = await server.post(path, Origin=ORIGIN)
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "access-control-allow-origin" not in (await server.post(path)).headers


@pytest.mark.parametrize("path", ["/testhub/negotiate", "/securehub", "/deployment", "/nowhere"])
async def test_options_is_answered_everywhere_with_what_was_asked(server, path):
    asked = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "x-a, x-b"}
    async with httpx.AsyncClient() as http:
        answer = await http.options(f"{server.address}{path}", headers={"Origin": ORIGIN, **asked})
        plain = await http.options(f"{server.address}{path}")
    assert (answer.status_code, answer.content) == (plain.status_code, plain.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == "PATCH"
    assert answer.headers["access-control-allow-headers"] == "x-a, x-b"
    assert "access-control-allow-methods" not in plain.headers


@pytest.mark.parametrize("hub", OPEN)
async def test_a_negotiation_offers_what_there_is(server, hub):
    answer = await server.post(f"{hub}/negotiate?NegotiateVersion=7")
    offered = answer.json()
    transports = [each["transport"] for each in offered.pop("availableTransports")]
    assert transports == ["WebSockets", "ServerSentEvents", "LongPolling"][hub == "/testhub-nowebsockets" :]
    assert offered.keys() == {"negotiateVersion", "connectionId", "connectionToken"}
    assert answer.headers["content-type"] == "application/json"


async def test_stateful_reconnect_is_for_the_extra_hub(server):
    asked = "negotiate?negotiateVersion=1&useStatefulReconnect=true"
    assert (await server.post(f"/extrahub/{asked}")).json()["useStatefulReconnect"] is True
    assert "useStatefulReconnect" not in (await server.post(f"/testhub/{asked}")).json()


@pytest.mark.parametrize("hub", PROTECTED)
async def test_without_a_good_token_there_is_an_empty_401(server, hub):
    ended = await server.token(seconds="-1", role="admin")
    for token in (None, ended, f"{ended[:-2]}xx", "no-token"):
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        answer = await server.post(f"{hub}/negotiate?negotiateVersion=1", **headers)
        assert (answer.status_code, answer.reason_phrase, answer.content) == (401, "Unauthorized", b"")


async def test_a_token_without_the_role_is_an_empty_403(server):
    for token in (await server.token(), await server.token(role="Admin"), await server.token(role="user")):
        answer = await server.post(f"/adminhub/negotiate?access_token={token}")
        assert (answer.status_code, answer.reason_phrase, answer.content) == (403, "Forbidden", b"")


async def test_the_header_wins_over_the_query(server):
    good, ended = await server.token(), await server.token(seconds="-1")
    page = "/securehub/negotiate?access_token="
    assert (await server.post(f"{page}{good}")).status_code == 200
    assert (await server.post(f"{page}{ended}", Authorization=f"Bearer {good}")).status_code == 200
    assert (await server.post(f"{page}{good}", Authorization=f"Bearer {ended}")).status_code == 401


async def test_the_first_token_is_for_the_test_user(server):
    token = (await server.get("/generateJwtToken")).text
    async with connected(server.place("/authorizedhub", token=token)) as client:
        assert await client.invoke("GetUserNameIdentifier") == "testuser"
        assert await client.invoke("GetUserClaim", "nothing") == ""


async def test_a_client_with_a_wrong_encoding_for_events_is_refused(server):
    with pytest.raises(HubError, match="does not support 'Binary' transfer format"):
        async with connected(server.place("/hub"), transport="ServerSentEvents", protocol="messagepack"):
            pass
