import re
from collections.abc import Callable

import pytest
from asgiref.sync import sync_to_async
from channels.routing import get_default_application
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import Role, User
from clinical.models import Ward
from hubs import refused
from hubs.errors import CloseReason
from hubs.follows import Follows
from hubs.models import Connection
from hubs.testing import HubCommunicator, UpgradeRefused
from hubs.worker import current_worker
from tests.cast import PASSWORD, Cast, hire, token_of

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/admin/hubs/connection/"
HubsSettings = Callable[..., None]


@pytest.fixture
def cast(hubs: HubsSettings) -> Cast:
    hubs(VERIFY="accounts.tokens.verify", RENEW="accounts.tokens.renew")
    return Cast()


def connected(user: User) -> HubCommunicator:
    headers = [(b"authorization", f"Bearer {token_of(user)}".encode())]
    return HubCommunicator(get_default_application(), headers=headers, path="/hubs/clinical")


@sync_to_async
def clerk(*permissions: str) -> Client:
    """The browser of somebody who may use the admin site with these permissions."""
    user = hire("clerk", Role.VISITOR)
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    browser = Client()
    browser.login(username="clerk", password=PASSWORD)
    return browser


@sync_to_async
def ids_on(browser: Client) -> list[str]:
    page = browser.get(PAGE)
    assert page.status_code == 200
    return re.findall(r'name="_selected_action" value="([^"]+)"', page.content.decode())


async def test_the_page_names_who_is_connected_and_nobody_who_has_left(cast: Cast) -> None:
    browser = await clerk("view_connection", "disconnect_connection")
    async with connected(cast.nurse):
        async with connected(cast.doctor):
            page = (await sync_to_async(browser.get)(PAGE)).content.decode()
            for each in ("nurse.icu", "Nurse", "doctor.icu", "Doctor", "ClinicalDashboardHub", "127.0.0.1"):
                assert each in page
        assert len(await ids_on(browser)) == 1
    assert await ids_on(browser) == []


async def test_the_page_says_which_wards_are_followed(cast: Cast) -> None:
    browser = await clerk("view_connection")
    await sync_to_async(Ward.objects.create)(id="icu", name="Intensive care")
    async with connected(cast.nurse) as client:
        await client.invoke("SubscribeToWard", "icu")
        worker = current_worker()
        await Follows().write(worker.registry)
        assert "ward:icu" in (await sync_to_async(browser.get)(PAGE)).content.decode()


async def test_an_administrator_ends_the_session_behind_a_connection(cast: Cast, hubs: HubsSettings) -> None:
    hubs(END_SESSION="accounts.sessions.end_by_administrator")
    browser = await clerk("view_connection", "end_session_connection")
    async with connected(cast.nurse) as client, connected(cast.doctor) as other:
        row = await Connection.objects.aget(user=str(cast.nurse.pk))
        form = {"action": "end_sessions_of_selected", "_selected_action": row.pk}
        assert (await sync_to_async(browser.post)(PAGE, form)).status_code == 302
        assert (await client.receive_close()).error == CloseReason.REVOKED.error
        assert await other.receive_nothing()
    assert (await LogEntry.objects.aget()).change_message == "Session ended."
    with pytest.raises(UpgradeRefused, match="401"):
        await connected(cast.nurse).connect()


@pytest.mark.parametrize(
    ("permission", "setting"),
    [("disconnect_connection", "accounts.sessions.end_by_administrator"), ("end_session_connection", None)],
)
async def test_no_session_is_ended_without_the_permission_or_the_setting(
    cast: Cast, hubs: HubsSettings, permission: str, setting: str | None
) -> None:
    hubs(END_SESSION=setting)
    browser = await clerk("view_connection", permission)
    async with connected(cast.nurse) as client:
        row = await Connection.objects.aget(user=str(cast.nurse.pk))
        form = {"action": "end_sessions_of_selected", "_selected_action": row.pk}
        await sync_to_async(browser.post)(PAGE, form)
        assert await client.receive_nothing()


@pytest.mark.parametrize(("permission", "status"), [("view_refusal", 200), ("view_connection", 403)])
async def test_LG_4_the_reasons_of_refusals_are_for_staff_who_may_see_them(
    cast: Cast, permission: str, status: int
) -> None:
    browser = await clerk(permission)
    with pytest.raises(UpgradeRefused):
        await connected(cast.deactivated).connect()
    await refused.write("here")
    answer = await sync_to_async(browser.get)("/admin/hubs/refusal/")
    assert answer.status_code == status
    assert ("bad token: deactivated user" in answer.content.decode()) == (status == 200)


async def test_a_connection_is_sent_away_and_that_is_written_down(cast: Cast) -> None:
    browser = await clerk("view_connection", "disconnect_connection")
    async with connected(cast.nurse) as client:
        (chosen,) = await ids_on(browser)
        form = {"action": "disconnect_selected", "_selected_action": chosen}
        assert (await sync_to_async(browser.post)(PAGE, form)).status_code == 302
        assert (await client.receive_close()).allow_reconnect is False
    entry = await LogEntry.objects.aget()
    assert entry.change_message == "Disconnected."


async def test_who_may_look_may_not_send_away(cast: Cast) -> None:
    browser = await clerk("view_connection")
    async with connected(cast.nurse) as client:
        assert await ids_on(browser) == []  # nothing can be chosen where nothing can be done
        form = {"action": "disconnect_selected", "_selected_action": "x"}
        await sync_to_async(browser.post)(PAGE, form)
        assert await client.receive_nothing()


async def test_who_may_not_look_sees_nothing(cast: Cast) -> None:
    browser = await clerk()
    assert (await sync_to_async(browser.get)(PAGE)).status_code == 403


async def test_nothing_is_written_by_hand(cast: Cast) -> None:
    browser = await clerk("view_connection", "add_connection", "change_connection", "delete_connection")
    assert (await sync_to_async(browser.get)(f"{PAGE}add/")).status_code == 403
