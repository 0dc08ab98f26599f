"""What a change in the hospital's office does to boards that are open at that moment."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import get_default_application
from django.utils import timezone

from accounts import sessions, tokens
from accounts.models import LoginSession, Role, User
from clinical.events import ObservationInput
from clinical.models import AccessRecord, Assignment, Patient, Ward
from clinical.services import assignments, observations, patients
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


ENDED = [{"feed": "ward:icu", "reason": "forbidden"}]


@sync_to_async
def let_end_soon(assignment: Assignment) -> datetime:
    """Writes now when it ends; nobody writes anything at that time."""
    end = timezone.now() + timedelta(seconds=0.3)
    Assignment.objects.filter(pk=assignment.pk).update(ends_at=end)
    return end


@sync_to_async
def assign(cast: Cast, begins_in: float = 0.0) -> Assignment:
    """The nurse of the other ward helps out on this one."""
    begins = timezone.now() + timedelta(seconds=begins_in)
    wanted = Assignment(
        user=cast.nurse_of_another_ward,
        ward_id="icu",
        kind="shift",
        begins_at=begins,
        ends_at=begins + timedelta(hours=1),
        reason="helps out",
    )
    return assignments.assign(cast.admin, wanted)


@sync_to_async
def record(cast: Cast, patient: Patient, pulse: int = 80) -> None:
    observations.record(cast.doctor, patient.pk, ObservationInput(pulse=pulse))


async def test_SE_4_an_assignment_opens_the_ward_to_a_board_that_is_open_and_its_end_closes_it(
    cast: Cast, patient: Patient
) -> None:
    """Nobody writes anything at its end, and no wake-up comes; behind it nothing is delivered."""
    async with connected(cast.nurse_of_another_ward) as client, connected(cast.doctor) as witness:
        with pytest.raises(HubError, match="matching department"):
            await client.invoke("SubscribeToWard", "icu")
        given = await assign(cast)
        assert (await client.invoke("SubscribeToWard", "icu"))["feed"] == "ward:icu"
        await witness.invoke("SubscribeToWard", "icu")
        await record(cast, patient)
        await client.receive("ObservationRecorded")
        await witness.receive("ObservationRecorded")
        end = await let_end_soon(given)
        assert await client.receive("FeedEnded") == ENDED
        assert timezone.now() >= end
        await record(cast, patient)
        await witness.receive("ObservationRecorded")
        assert await client.receive_nothing()
        with pytest.raises(HubError, match="matching department"):
            await client.invoke("ResumeWard", "icu", 1, 1)


async def test_SE_4_a_board_that_is_open_may_follow_from_the_begin_on(cast: Cast, patient: Patient) -> None:
    async with connected(cast.nurse_of_another_ward) as client:
        given = await assign(cast, begins_in=0.3)
        while True:
            asked_at = timezone.now()
            try:
                await client.invoke("SubscribeToWard", "icu")
            except HubError:
                assert asked_at < given.begins_at
                assert await client.receive_nothing()
            else:
                break
        assert timezone.now() >= given.begins_at
        await record(cast, patient)
        await client.receive("ObservationRecorded")


async def test_SE_4_revoking_and_shortening_reach_the_board_at_once(cast: Cast, patient: Patient) -> None:
    async with connected(cast.nurse_of_another_ward) as client:
        given = await assign(cast)
        await client.invoke("SubscribeToWard", "icu")
        await sync_to_async(assignments.revoke)(cast.admin, given.pk)
        assert await client.receive("FeedEnded") == ENDED
        given = await assign(cast)
        await client.invoke("SubscribeToWard", "icu")
        soon = timezone.now() + timedelta(seconds=1)
        await sync_to_async(assignments.shorten)(cast.admin, given.pk, soon)
        assert await client.receive("FeedEnded") == ENDED
        assert timezone.now() >= soon


async def test_SE_4_one_shift_after_the_other_is_followed_without_a_break(
    cast: Cast, patient: Patient
) -> None:
    async with connected(cast.nurse_of_another_ward) as client:
        first = await assign(cast)
        await client.invoke("SubscribeToWard", "icu")
        await Assignment.objects.acreate(
            user=cast.nurse_of_another_ward, ward_id="icu", kind="home", reason="stays", granted_by=cast.admin
        )
        end = await let_end_soon(first)
        while timezone.now() <= end:
            await record(cast, patient)
            await client.receive("ObservationRecorded")
        await record(cast, patient)
        await client.receive("ObservationRecorded")


async def test_a_transferred_patient_leaves_one_board_and_appears_on_the_other(
    cast: Cast, patient: Patient, cardio: Ward
) -> None:
    async with connected(cast.nurse) as here, connected(cast.nurse_of_another_ward) as there:
        await here.invoke("SubscribeToWard", "icu")
        await there.invoke("SubscribeToWard", "cardio")
        await sync_to_async(patients.move)(patient.pk, cardio, "9")
        left, place = await here.receive("PatientLeft")
        come, _ = await there.receive("PatientChanged")
        assert left["patientId"] == come["row"]["patientId"] == str(patient.pk)
        assert left["version"] == come["row"]["version"]
        await sync_to_async(observations.record)(
            cast.doctor_of_another_ward, patient.pk, ObservationInput(pulse=80)
        )
        await there.receive("ObservationRecorded")
        assert await here.receive_nothing()
        with pytest.raises(HubError, match="Not found, or not available to you"):
            await here.invoke("RecordObservation", str(patient.pk), {"pulse": 80})
        assert "PatientLeft" in str(await here.invoke("ResumeWard", "icu", place["epoch"], place["seq"] - 1))


async def test_every_ward_that_an_admin_follows_is_recorded_with_the_connection(
    cast: Cast, icu: Ward, cardio: Ward
) -> None:
    async with connected(cast.admin) as client, connected(cast.nurse) as nurse:
        seen = await client.invoke("SubscribeToWard", "icu")
        await client.invoke("ResumeWard", "cardio", seen["epoch"], 0)
        await nurse.invoke("SubscribeToWard", "icu")
    records = AccessRecord.objects.order_by("id").values_list("user_id", "ward_id", "door", "connection")
    found = [each async for each in records]
    assert [each[:3] for each in found] == [(cast.admin.pk, ward, "hub") for ward in ("icu", "cardio")]
    assert len({each[3] for each in found}) == 1
    assert found[0][3]
