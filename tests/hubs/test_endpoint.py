import re

import pytest

from hubs.actions import action
from hubs.errors import HubError
from hubs.hub import Hub
from hubs.permissions import AllowAny, BasePermission, IsAuthenticated
from hubs.testing import HubCommunicator, UpgradeRefused
from tests.hubs.site import http, site
from tests.hubs.tokens import bearer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("ends_worker")]


class Desk(Hub):
    permission_classes = [IsAuthenticated]

    @action
    async def own_id(self) -> str:
        return self.connection_id


class Lobby(Desk):
    permission_classes = [AllowAny]


class IsSeven(BasePermission):
    async def has_permission(self, request):
        return request.user.pk == 7


class Breaks(BasePermission):
    def has_permission(self, request):
        raise LookupError("secret")


class Broken(Hub):
    permission_classes = [Breaks]


application = site(
    desk=Desk, other=Desk, lobby=Lobby, broken=Broken, seven=Desk.as_asgi(permission_classes=[IsSeven])
)


@pytest.fixture
async def browser():
    async with http(application) as browser:
        yield browser


async def negotiated(browser, path="/hubs/desk", user=1, version=1) -> dict:
    headers = [] if user is None else [bearer(user)]
    answer = await browser.post(f"{path}/negotiate?negotiateVersion={version}", headers=headers)
    assert answer.status_code == 200
    return answer.json()


def with_id(token: str, path="/hubs/desk", user: int | None = 1) -> HubCommunicator:
    headers = [] if user is None else [bearer(user)]
    return HubCommunicator(application, path=path, query=f"id={token}", headers=headers)


async def refusal(communicator: HubCommunicator) -> tuple[int, str]:
    with pytest.raises(UpgradeRefused) as refused:
        await communicator.connect()
    await communicator.disconnect()
    return refused.value.status, refused.value.text


UNKNOWN = (404, "No Connection with that ID")


async def test_negotiate_answers_ids_and_transports(browser):
    answer = await browser.post("/hubs/desk/negotiate?negotiateVersion=1", headers=[bearer(1)])
    body = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", body["connectionId"])
    assert re.fullmatch(r"[A-Za-z0-9_-]{22,}", body["connectionToken"])
    assert body["connectionId"] not in body["connectionToken"][:0] + "x"
    assert body["availableTransports"][0] == {
        "transport": "WebSockets",
        "transferFormats": ["Text", "Binary"],
    }


async def test_version_0_has_one_id(browser):
    body = await negotiated(browser, version=0)
    assert (body["negotiateVersion"], "connectionToken" in body) == (0, False)


@pytest.mark.parametrize(
    ("version", "error"),
    [
        ("x", "The client requested a non-integer protocol version."),
        ("-1", "The client requested version '-1', but the server does not support this version."),
    ],
)
async def test_a_bad_version_is_answered_and_not_refused(browser, version, error):
    answer = await browser.post(f"/hubs/desk/negotiate?negotiateVersion={version}", headers=[bearer(1)])
    assert (answer.status_code, answer.json()) == (200, {"error": error})


async def test_the_query_is_read_without_regard_to_case(browser):
    answer = await browser.post("/hubs/desk/negotiate?NEGOTIATEVERSION=1", headers=[bearer(1)])
    assert answer.json()["negotiateVersion"] == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_negotiate_is_a_post(browser, method):
    answer = await browser.request(method, "/hubs/desk/negotiate", headers=[bearer(1)])
    assert answer.status_code == 405


@pytest.mark.parametrize(("path", "headers", "status"), [("desk", [], 401), ("seven", [bearer(1)], 403)])
async def test_a_refusal_has_an_empty_body_because_clients_show_it(browser, path, headers, status):
    for request in (
        browser.post(f"/hubs/{path}/negotiate", headers=headers),
        browser.get(f"/hubs/{path}?id=x", headers=headers),
        browser.post(f"/hubs/{path}?id=x", headers=headers),
        browser.delete(f"/hubs/{path}?id=x", headers=headers),
    ):
        answer = await request
        assert (answer.status_code, answer.content) == (status, b"")
        assert answer.headers["content-length"] == "0"


@pytest.mark.parametrize("path", ["/", "/hubs", "/hubs/", "/hubs/nothing", "/hubs/desk/a/b", "/hubs/deskx"])
async def test_any_other_path_is_a_quiet_404(browser, path, caplog):
    answer = await browser.post(path, headers=[bearer(1)])
    assert (answer.status_code, answer.content) == (404, b"")
    assert await refusal(HubCommunicator(application, path=path, headers=[bearer(1)])) == (404, "")
    assert [record for record in caplog.records if record.name == "hubs"] == []


async def test_requests_that_no_client_makes_get_their_recorded_answers(browser):
    headers = [bearer(1)]
    answers = [
        await browser.get("/hubs/desk", headers=headers),
        await browser.post("/hubs/desk", headers=headers),
        await browser.delete("/hubs/desk", headers=headers),
        await browser.get("/hubs/desk?id=x", headers=headers),
        await browser.post("/hubs/desk?id=", headers=headers),
        await browser.delete("/hubs/desk?id=x", headers=headers),
        await browser.put("/hubs/desk", headers=headers),
    ]
    assert [(answer.status_code, answer.text) for answer in answers] == [
        (400, "Connection ID required"),
        (400, "Connection ID required"),
        (400, "Connection ID required"),
        UNKNOWN,
        UNKNOWN,
        UNKNOWN,
        (405, ""),
    ]


async def test_the_negotiated_connection_has_the_public_id(browser):
    ids = await negotiated(browser)
    async with with_id(ids["connectionToken"]) as client:
        assert await client.invoke("OwnId") == ids["connectionId"]


async def test_in_version_0_the_id_is_the_token(browser):
    ids = await negotiated(browser, version=0)
    async with with_id(ids["connectionId"]) as client:
        assert await client.invoke("OwnId") == ids["connectionId"]


async def test_in_version_0_no_line_of_the_log_shows_the_id_that_is_a_token(browser, caplog):
    caplog.set_level("DEBUG", "hubs")
    token = (await negotiated(browser, version=0))["connectionId"]
    async with with_id(token) as client:
        assert await refusal(with_id(token)) == (409, "")
        await client.invoke("OwnId")
    assert {"connected", "disconnected", "refused"} <= set(caplog.messages)
    assert token not in str([vars(record) for record in caplog.records])


async def test_without_negotiation_a_connection_gets_a_fresh_id():
    communicators = [HubCommunicator(application, path="/hubs/desk", headers=[bearer(1)]) for _ in range(2)]
    async with communicators[0] as first, communicators[1] as second:
        assert await first.invoke("OwnId") != await second.invoke("OwnId")


async def test_the_public_id_opens_nothing(browser):
    ids = await negotiated(browser)
    assert await refusal(with_id(ids["connectionId"])) == UNKNOWN


async def test_the_token_of_another_user_is_unknown(browser):
    token = (await negotiated(browser, user=2))["connectionToken"]
    assert await refusal(with_id(token)) == UNKNOWN


async def test_the_token_of_nobody_is_unknown_for_a_user_and_the_reverse(browser):
    of_nobody = (await negotiated(browser, "/hubs/lobby", user=None))["connectionToken"]
    of_a_user = (await negotiated(browser, "/hubs/lobby"))["connectionToken"]
    assert await refusal(with_id(of_nobody, "/hubs/lobby")) == UNKNOWN
    assert await refusal(with_id(of_a_user, "/hubs/lobby", user=None)) == UNKNOWN


async def test_a_token_is_unknown_at_another_hub_and_at_another_path_of_its_hub(browser):
    token = (await negotiated(browser))["connectionToken"]
    assert await refusal(with_id(token, "/hubs/lobby")) == UNKNOWN
    assert await refusal(with_id(token, "/hubs/other")) == UNKNOWN


async def test_an_expired_token_is_unknown(browser, monkeypatch, hubs):
    token = (await negotiated(browser))["connectionToken"]
    hubs(CONNECT_TIMEOUT=-1)
    assert await refusal(with_id(token)) == UNKNOWN


async def test_UQ_2_a_token_opens_once(browser):
    token = (await negotiated(browser))["connectionToken"]
    async with HubCommunicator(application, path="/hubs/desk", headers=[bearer(1)]):
        async with with_id(token):
            pass
        assert await refusal(with_id(token)) == UNKNOWN


async def test_a_token_in_use_is_refused_and_its_connection_goes_on(browser):
    token = (await negotiated(browser))["connectionToken"]
    async with with_id(token) as client:
        assert (await refusal(with_id(token)))[0] == 409
        assert (await refusal(with_id(token, user=2))) == UNKNOWN
        assert await client.invoke("OwnId")


async def test_a_post_to_a_socket_is_refused(browser):
    token = (await negotiated(browser))["connectionToken"]
    async with with_id(token) as client:
        answer = await browser.post(f"/hubs/desk?id={token}", headers=[bearer(1)], content=b'{"type":7}\x1e')
        assert answer.status_code == 405
        assert answer.text == "POST requests are not allowed for WebSocket connections."
        assert await client.invoke("OwnId")


@pytest.mark.parametrize("route", [True, False, None])
@pytest.mark.parametrize("hub_passes", [True, False])
@pytest.mark.parametrize("own", [True, False, None])
async def test_AZ_2_route_and_hub_and_action_must_all_pass(route, hub_passes, own):
    answers = {True: [AllowAny], False: [BasePermission]}

    class Guarded(Hub):
        permission_classes = answers[hub_passes]

        async def work(self) -> str:
            return "done"

        work = action(work) if own is None else action(permission_classes=answers[own])(work)

    opens = hub_passes and route is not False
    entry = Guarded if route is None else Guarded.as_asgi(permission_classes=answers[route])
    communicator = HubCommunicator(site(guarded=entry), path="/hubs/guarded", headers=[bearer(1)])
    if not opens:
        assert await refusal(communicator) == (403, "")
        return
    async with communicator as client:
        if own is False:
            with pytest.raises(HubError, match=r"^Failed to invoke 'Work' because user is unauthorized$"):
                await client.invoke("Work")
        else:
            assert await client.invoke("Work") == "done"


async def test_AZ_1_a_hub_without_classes_lets_nobody_in_whatever_its_route_says():
    class Undeclared(Hub): ...

    entry = Undeclared.as_asgi(permission_classes=[AllowAny])
    communicator = HubCommunicator(site(hub=entry), path="/hubs/hub", headers=[bearer(1)])
    assert await refusal(communicator) == (403, "")


async def test_a_permission_that_breaks_at_the_door_refuses(browser, caplog):
    answer = await browser.post("/hubs/broken/negotiate", headers=[bearer(1)])
    assert (answer.status_code, answer.content) == (403, b"")
    communicator = HubCommunicator(application, path="/hubs/broken", headers=[bearer(1)])
    assert await refusal(communicator) == (403, "")
    assert "permission failed" in caplog.messages


async def test_a_permission_sees_who_asks_where_and_for_nothing_yet():
    seen = []

    class Watches(BasePermission):
        def has_permission(self, request):
            seen.append(request)
            return True

    class Watched(Hub):
        permission_classes = [Watches]

    async with HubCommunicator(
        site(watched=Watched), path="/hubs/watched", headers=[bearer(7, role="Nurse")]
    ):
        pass
    request, *_ = seen  # a worker that has just begun asks once more
    assert (request.user.pk, request.claims["role"], request.hub) == (7, "Nurse", Watched)
    assert (request.action, request.arguments) == (None, {})
    assert request.scope["path"] == "/hubs/watched"


async def test_LG_1_a_refused_connection_is_one_warning_with_its_reason(caplog):
    await refusal(HubCommunicator(application, path="/hubs/seven", headers=[bearer(1)]))
    [line] = [record for record in caplog.records if record.name == "hubs"]
    assert (line.levelname, line.message, line.reason, line.status) == (
        "WARNING",
        "refused",
        "permission denied",
        403,
    )
