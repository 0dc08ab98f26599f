import pytest

from hubs import connection_tokens, rights
from hubs.actions import action
from hubs.errors import HubError
from hubs.hub import Hub
from hubs.permissions import IsAuthenticated
from hubs.protocol.messages import Close
from hubs.refresh import AuthenticationRefresh
from hubs.testing import HubCommunicator
from hubs.worker import current_worker
from tests.hubs.site import http, site
from tests.hubs.tokens import bearer, token_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("ends_worker")]

PATH = "/hubs/desk"


class Desk(AuthenticationRefresh, Hub):
    permission_classes = [IsAuthenticated]

    @action
    async def role(self) -> str | None:
        return self.claims.get("role")


application = site(desk=Desk)


async def negotiate(user: int = 7, *, version: int = 1, seconds: float = 60) -> dict:
    async with http(application) as client:
        headers = {"authorization": f"Bearer {token_for(user, seconds=seconds)}"}
        answer = await client.post(f"{PATH}/negotiate?negotiateVersion={version}", headers=headers)
    return answer.json()


def connect(token: str, user: int = 7, *, seconds: float = 60) -> HubCommunicator:
    return HubCommunicator(
        application, path=PATH, query=f"id={token}", headers=[bearer(user, seconds=seconds, role="Nurse")]
    )


async def refresh(token: str, *, user: int = 7, seconds: float = 900, method: str = "POST", **claims):
    async with http(application) as client:
        headers = {"authorization": f"Bearer {token_for(user, seconds=seconds, **claims)}"}
        answer = await client.request(method, f"{PATH}/refresh?id={token}", headers=headers)
    return answer.status_code, answer.json() if answer.content else None


def left() -> float:
    (connection,) = current_worker().registry
    assert connection.expires_at is not None
    return connection.expires_at - connection.opened_at


async def test_negotiate_says_how_long_the_token_lives_that_may_be_refreshed(hubs):
    assert 55 <= (await negotiate())["tokenLifetimeSeconds"] <= 60
    hubs(AUTHENTICATION_REFRESH=False)
    assert "tokenLifetimeSeconds" not in await negotiate()


async def test_SE_1_a_newer_token_keeps_the_connection_open_and_counts_for_later_calls():
    token = (await negotiate())["connectionToken"]
    async with connect(token) as client:
        assert 55 < left() < 61
        status, body = await refresh(token, role="Doctor")
        assert (status, 895 <= body["tokenLifetimeSeconds"] <= 900) == (200, True)
        assert 890 < left() < 901
        assert await client.invoke("Role") == "Doctor"


async def test_an_older_token_changes_nothing():
    token = (await negotiate(seconds=900))["connectionToken"]
    async with connect(token, seconds=900) as client:
        assert (await refresh(token, seconds=30, role="Doctor"))[0] == 200
        assert left() > 890
        assert await client.invoke("Role") == "Nurse"


async def test_SE_2_another_users_token_closes_the_connection():
    token = (await negotiate())["connectionToken"]
    async with connect(token) as client:
        assert await refresh(token, user=8) == (403, {"error": "permission_change_rejected"})
        assert await client.receive_close() == Close("Another user has signed in.", allow_reconnect=False)


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        ("", 400, "missing_connection_token"),
        ("A" * 22, 404, "connection_not_found"),
        ("A" * 90, 404, "connection_not_found"),
    ],
)
async def test_what_names_no_connection_refreshes_none(token, status, code):
    assert await refresh(token) == (status, {"error": code})


async def test_a_token_that_was_never_used_has_no_connection_to_refresh():
    token = (await negotiate())["connectionToken"]
    assert await refresh(token) == (404, {"error": "connection_not_found"})


async def test_a_connection_that_has_ended_is_not_found():
    token = (await negotiate())["connectionToken"]
    async with connect(token):
        pass
    assert await refresh(token) == (404, {"error": "connection_not_found"})


async def test_without_a_secret_token_of_its_own_a_connection_cannot_be_refreshed_so():
    token = (await negotiate(version=0))["connectionId"]
    async with connect(token):
        assert await refresh(token) == (400, {"error": "unsupported_negotiate_version"})


async def test_refresh_can_be_switched_off(hubs):
    token = (await negotiate())["connectionToken"]
    async with connect(token):
        hubs(AUTHENTICATION_REFRESH=False)
        assert await refresh(token) == (404, {"error": "refresh_disabled"})


async def test_only_a_post_refreshes():
    token = (await negotiate())["connectionToken"]
    async with connect(token):
        assert (await refresh(token, method="GET"))[0] == 405


async def test_a_ticket_is_no_newer_than_what_it_stands_for():
    found = await negotiate()
    async with connect(found["connectionToken"]), http(application) as client:
        query = f"id={found['connectionToken']}&access_token={found['accessToken']}"
        answer = await client.post(f"{PATH}/refresh?{query}")
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_token"})


async def test_a_connection_on_another_worker_is_refreshed_there(elsewhere):
    async def listening():
        await current_worker().backplane.listening.wait()

    token = (await negotiate())["connectionToken"]
    there = connect(token)
    await elsewhere(there.connect())
    await elsewhere(listening())
    await current_worker().reachable()
    assert (await refresh(token, role="Doctor"))[0] == 200
    assert await elsewhere(there.invoke("Role")) == "Doctor"
    assert await refresh(token, user=8) == (403, {"error": "permission_change_rejected"})
    assert (await elsewhere(there.receive_close())).allow_reconnect is False
    await elsewhere(there.disconnect())
    await current_worker().stop()


async def test_an_older_client_refreshes_by_an_action():
    token = (await negotiate())["connectionToken"]
    async with connect(token) as client:
        seconds = await client.invoke("RefreshAuthentication", token_for(7, seconds=900, role="Doctor"))
        assert 895 <= seconds <= 900
        assert await client.invoke("Role") == "Doctor"
        with pytest.raises(HubError, match="The token is not valid"):
            await client.invoke("RefreshAuthentication", "garbage")
        assert await client.invoke("Role") == "Doctor"
        await client.send("RefreshAuthentication", token_for(8))
        assert (await client.receive_close()).allow_reconnect is False


async def test_SE_1_the_clock_set_back_an_hour_prolongs_nothing(clock, hubs):
    token = (await negotiate())["connectionToken"]
    async with connect(token) as client:
        ends_at = left()
        clock.set_back(3600)
        hubs(RENEW="tests.hubs.test_refresh.unchanged")
        (connection,) = current_worker().registry
        await rights.renew(connection)
        assert left() == ends_at
        clock.advance(61)
        assert (await client.receive_close()).allow_reconnect is True


def unchanged(principal):
    return principal


async def test_UQ_4_no_line_of_the_log_shows_a_token(caplog):
    caplog.set_level("DEBUG")
    token = (await negotiate())["connectionToken"]
    async with connect(token) as client:
        await refresh(token)
        await client.invoke("RefreshAuthentication", token_for(7, seconds=990))
        with pytest.raises(HubError):
            await client.invoke("RefreshAuthentication", "marked-secret")
    lines = "\n".join(f"{line.getMessage()} {vars(line)}" for line in caplog.records if line.name == "hubs")
    for secret in (token, token_for(7)[:20], "marked-secret"):
        assert secret not in lines
    assert len(token) > connection_tokens.ID_LENGTH
