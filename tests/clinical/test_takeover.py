"""Somebody logs in where somebody else was: the boards of the former login close, at whichever door."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import get_default_application
from django.test import Client

from clinical.events import ObservationInput
from clinical.models import Patient
from clinical.services import observations
from hubs.testing import HubCommunicator
from tests.cast import PASSWORD, Cast, token_of

pytestmark = pytest.mark.django_db(transaction=True)


def tab(token: str) -> HubCommunicator:
    application: Any = get_default_application()
    headers = [(b"authorization", f"Bearer {token}".encode())]
    return HubCommunicator(application, headers=headers, path="/hubs/clinical")


@sync_to_async
def log_in(browser: Client, username: str, door: str = "/login/") -> str:
    assert browser.post(door, {"username": username, "password": PASSWORD}).status_code == 302
    access: str = browser.post("/api/token/session/").json()["access"]
    return access


@pytest.mark.parametrize(
    ("door", "username"), [("/login/", "doctor.icu"), ("/login/", "nurse.icu"), ("/admin/login/", "admin")]
)
async def test_another_login_in_the_same_browser_closes_the_boards_of_all_tabs(
    cast: Cast, patient: Patient, door: str, username: str
) -> None:
    cast.admin.is_staff = True
    await cast.admin.asave()
    browser = Client()
    token = await log_in(browser, "nurse.icu")
    async with tab(token) as one, tab(token) as two, tab(token_of(cast.nurse)) as elsewhere:
        for each in (one, two, elsewhere):
            await each.invoke("SubscribeToWard", "icu")
        await log_in(browser, username, door)
        for each in (one, two):
            assert (await each.receive_close()).allow_reconnect is False
        await sync_to_async(observations.record)(cast.doctor, patient.pk, ObservationInput(pulse=80))
        await elsewhere.receive("ObservationRecorded")
