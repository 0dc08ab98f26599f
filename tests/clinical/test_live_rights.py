"""What a change in the hospital's office does to boards that are open at that moment."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import get_default_application

from accounts import sessions, tokens
from accounts.models import LoginSession, Role, User
from clinical.events import ObservationInput
from clinical.models import Patient, Ward
from clinical.services import observations
from hubs.errors import HubError
from hubs.protocol.messages import Close
from hubs.testing import HubCommunicator, UpgradeRefused
from tests.cast import Cast, login_of, token_of

pytestmark = pytest.mark.django_db(transaction=True)


def connected(user: User, login: LoginSession | None = None) -> HubCommunicator:
    application: Any = get_default_application()
    headers = [(b"authorization", f"Bearer {tokens.access_for(login or login_of(user))}".encode())]
    return HubCommunicator(application, headers=headers, path="/hubs/clinical")


@sync_to_async
def change(user: User, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(user, name, value)
    user.save()


async def test_SE_4_a_nurse_who_moves_to_another_ward_loses_the_board_that_is_open(
    cast: Cast, patient: Patient
) -> None:
    await Ward.objects.aget_or_create(id="cardio", name="Cardiology")
    async with connected(cast.nurse) as client, connected(cast.doctor) as witness:
        await client.invoke("SubscribeToWard", "icu")
        await witness.invoke("SubscribeToWard", "icu")
        await change(cast.nurse, department="cardio")
        await sync_to_async(observations.record)(cast.doctor, patient.pk, ObservationInput(pulse=80))
        await witness.receive("ObservationRecorded")
        assert await client.receive("FeedEnded") == [{"feed": "ward:icu", "reason": "forbidden"}]
        assert await client.receive_nothing()
        assert (await client.invoke("SubscribeToWard", "cardio"))["feed"] == "ward:cardio"


async def test_SE_4_a_deactivated_user_is_out_at_once_and_for_good(cast: Cast, patient: Patient) -> None:
    async with connected(cast.nurse) as client:
        await client.invoke("SubscribeToWard", "icu")
        await change(cast.nurse, is_active=False)
        assert await client.receive_close() == Close("Your access has been withdrawn.", allow_reconnect=False)


async def test_SE_4_who_is_no_doctor_any_more_orders_nothing_and_still_sees_the_ward(
    cast: Cast, patient: Patient
) -> None:
    async with connected(cast.doctor) as client:
        await client.invoke("SubscribeToWard", "icu")
        await change(cast.doctor, role=Role.PHARMACIST)
        await client.invoke("SubscribeToWard", "icu")
        with pytest.raises(HubError, match="unauthorized"):
            await client.invoke("OrderMedication", str(patient.pk), "Amoxicillin 500 mg capsules")
        await sync_to_async(observations.record)(cast.nurse, patient.pk, ObservationInput(pulse=80))
        await client.receive("ObservationRecorded")


async def test_an_admin_who_becomes_a_visitor_may_not_be_here(cast: Cast, patient: Patient) -> None:
    async with connected(cast.admin) as client:
        await client.invoke("SubscribeToWard", "icu")
        await change(cast.admin, role=Role.VISITOR)
        assert (await client.receive_close()).allow_reconnect is False


async def test_SE_3_logging_out_closes_the_boards_of_that_login_and_of_no_other(
    cast: Cast, patient: Patient
) -> None:
    phone = await sync_to_async(tokens.log_in)(cast.nurse)
    async with connected(cast.nurse) as desk, connected(cast.nurse, phone) as other:
        await desk.invoke("SubscribeToWard", "icu")
        await other.invoke("SubscribeToWard", "icu")
        await sync_to_async(sessions.end)(login_of(cast.nurse), "signed out")
        assert (await desk.receive_close()).allow_reconnect is False
        await sync_to_async(observations.record)(cast.doctor, patient.pk, ObservationInput(pulse=80))
        await other.receive("ObservationRecorded")


async def test_the_token_of_an_ended_login_opens_nothing(cast: Cast) -> None:
    await sync_to_async(sessions.end)(login_of(cast.nurse), "signed out")
    with pytest.raises(UpgradeRefused) as refused:
        await connected(cast.nurse).connect()
    assert refused.value.status == 401


async def test_SE_2_a_fresh_token_keeps_the_board_open_and_anothers_closes_it(
    cast: Cast, patient: Patient
) -> None:
    async with connected(cast.nurse) as client:
        await client.invoke("SubscribeToWard", "icu")
        assert await client.invoke("RefreshAuthentication", token_of(cast.nurse)) > 890
        await sync_to_async(observations.record)(cast.doctor, patient.pk, ObservationInput(pulse=80))
        await client.receive("ObservationRecorded")
        await client.send("RefreshAuthentication", token_of(cast.doctor))
        assert (await client.receive_close()).allow_reconnect is False
