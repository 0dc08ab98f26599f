"""The clinical hub as its clients meet it: the product's application, real tokens, a real channel layer."""

import uuid
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import get_default_application
from django.contrib.auth.models import AnonymousUser

from accounts.models import Role, User
from clinical.access import FORBIDDEN_PATIENT, FORBIDDEN_WARD
from clinical.hubs import ClinicalDashboardHub
from clinical.models import Drug, MedicationOrder, ObservationSet, Patient, Ward
from clinical.permissions import MaySeeWard
from clinical.services import patients
from hubs.errors import Forbidden, HubError
from hubs.permissions import PermissionRequest, granted
from hubs.testing import HubCommunicator, UpgradeRefused
from tests.cast import Cast, token_of

pytestmark = pytest.mark.django_db(transaction=True)


def connected(user: User) -> HubCommunicator:
    """A client with the user's token, at the product's application."""
    application: Any = get_default_application()
    headers = [(b"authorization", f"Bearer {token_of(user)}".encode())]
    return HubCommunicator(application, headers=headers, path="/hubs/clinical")


async def refusal(client: HubCommunicator, target: str, *arguments: Any) -> str:
    with pytest.raises(HubError) as caught:
        await client.invoke(target, *arguments)
    return str(caught.value)


NORMAL = {
    "respiration": 18,
    "spo2": 97,
    "onOxygen": False,
    "systolic": 125,
    "diastolic": 70,
    "pulse": 80,
    "consciousness": "A",
    "temperature": 37.2,
}


async def test_staff_of_the_ward_get_its_board(cast: Cast, patient: Patient) -> None:
    for user in (cast.nurse, cast.doctor, cast.pharmacist, cast.admin):
        async with connected(user) as client:
            board = await client.invoke("SubscribeToWard", "icu")
        assert (board["feed"], board["ward"]["name"]) == ("ward:icu", "Intensive Care")
        assert [row["mrn"] for row in board["beds"]] == ["A1"]


@pytest.mark.parametrize("ward_id", ["icu", "nowhere", "CARDIO", "", "x" * 1000, "\x00"])
async def test_nurse_of_another_ward_cannot_subscribe(cast: Cast, patient: Patient, ward_id: str) -> None:
    """A ward that does not exist says the same as one that is somebody else's."""
    async with connected(cast.nurse_of_another_ward) as client:
        text = await refusal(client, "SubscribeToWard", ward_id)
    assert text == (
        "An unexpected error occurred invoking 'SubscribeToWard' on the server. "
        "HubException: Access to this ward requires matching department assignment."
    )


async def test_the_ward_rule_can_be_asked_again_of_the_same_call(cast: Cast, icu: Ward) -> None:
    scope: dict[str, Any] = {}
    arguments = {"ward_id": "icu"}
    allowed = PermissionRequest(cast.nurse, {}, ClinicalDashboardHub, scope, arguments=arguments)
    assert await granted(MaySeeWard, allowed)
    cast.nurse.department = "cardio"
    with pytest.raises(Forbidden, match=FORBIDDEN_WARD):
        await granted(MaySeeWard, allowed)
    nobody = PermissionRequest(AnonymousUser(), {}, ClinicalDashboardHub, scope, arguments=arguments)
    assert not await granted(MaySeeWard, nobody)


async def test_a_refused_nurse_hears_nothing_of_the_ward(cast: Cast, patient: Patient) -> None:
    async with connected(cast.nurse_of_another_ward) as stranger, connected(cast.nurse) as nurse:
        await refusal(stranger, "SubscribeToWard", "icu")
        await nurse.invoke("SubscribeToWard", "icu")
        await nurse.invoke("RecordObservation", str(patient.pk), NORMAL)
        await nurse.receive("ObservationRecorded")
        assert await stranger.receive_nothing()


async def test_visitors_and_former_staff_cannot_connect(cast: Cast) -> None:
    for user in (cast.visitor, cast.deactivated):
        with pytest.raises(UpgradeRefused):
            await connected(user).connect()


async def test_a_set_recorded_at_one_screen_is_on_the_others(cast: Cast, patient: Patient) -> None:
    async with connected(cast.nurse) as nurse, connected(cast.doctor) as doctor:
        board = await doctor.invoke("SubscribeToWard", "icu")
        answer = await nurse.invoke("RecordObservation", str(patient.pk), NORMAL | {"pulse": 131})
        payload, place = await doctor.receive("ObservationRecorded")
    assert answer["score"]["band"] == "low-medium"
    assert payload["observation"] == answer
    assert payload["version"] > board["beds"][0]["version"]
    assert (place["feed"], place["epoch"], place["seq"]) == (board["feed"], board["epoch"], board["seq"] + 1)


async def test_a_write_outside_of_any_hub_reaches_the_screens(
    cast: Cast, patient: Patient, cardio: Ward
) -> None:
    async with connected(cast.nurse) as here, connected(cast.nurse_of_another_ward) as there:
        await here.invoke("SubscribeToWard", "icu")
        await there.invoke("SubscribeToWard", "cardio")
        await sync_to_async(patients.move)(patient.pk, cardio, "7")
        left, _ = await here.receive("PatientLeft")
        changed, _ = await there.receive("PatientChanged")
    assert left["patientId"] == changed["row"]["patientId"] == str(patient.pk)
    assert left["version"] == changed["row"]["version"]


def places(board: dict[str, Any]) -> list[int]:
    return [board["epoch"], board["seq"]]


async def test_a_screen_that_comes_back_gets_exactly_what_it_missed(
    cast: Cast, patient: Patient, drug: Drug
) -> None:
    async with connected(cast.nurse) as client:
        board = await client.invoke("SubscribeToWard", "icu")
    async with connected(cast.doctor) as doctor:
        await doctor.invoke("RecordObservation", str(patient.pk), NORMAL)
        order = await doctor.invoke("OrderMedication", str(patient.pk), drug.name)
    async with connected(cast.nurse) as client:
        answer = await client.invoke("ResumeWard", "icu", *places(board))
        await client.invoke("RecordObservation", str(patient.pk), NORMAL)
        _, place = await client.receive("ObservationRecorded")
    recorded, drafted = answer["events"]
    assert (recorded["target"], drafted["target"]) == ("ObservationRecorded", "OrderDrafted")
    assert drafted["arguments"][0]["order"] == order
    steps = [(each["arguments"][1]["after"], each["arguments"][1]["seq"]) for each in answer["events"]]
    held = board["seq"]
    assert steps == [(held, held + 1), (held + 1, held + 2)]
    assert (answer["resync"], answer["seq"]) == (False, held + 2)
    # From there on it flows as after a subscription.
    assert (place["after"], place["seq"]) == (held + 2, held + 3)


async def test_a_screen_that_holds_what_the_log_does_not_know_is_told_to_reload(
    cast: Cast, patient: Patient
) -> None:
    async with connected(cast.nurse) as client:
        board = await client.invoke("SubscribeToWard", "icu")
        for epoch, seq in ((board["epoch"] + 1, board["seq"]), (board["epoch"], board["seq"] + 1)):
            assert await client.invoke("ResumeWard", "icu", epoch, seq) == {"resync": True}
        await client.invoke("RecordObservation", str(patient.pk), NORMAL)
        assert await client.receive_nothing()


@pytest.mark.parametrize("numbers", [[-1, 0], [1, -1], [2**70, 1], [1, 2**70]])
async def test_numbers_that_no_feed_has_are_told_to_reload(
    cast: Cast, patient: Patient, numbers: list[int]
) -> None:
    async with connected(cast.nurse) as client:
        assert await client.invoke("ResumeWard", "icu", *numbers) == {"resync": True}
        assert await client.invoke("SubscribeToWard", "icu")


async def test_SE_6_nobody_resumes_a_ward_that_is_not_theirs(cast: Cast, patient: Patient) -> None:
    async with connected(cast.nurse_of_another_ward) as stranger:
        texts = {await refusal(stranger, "ResumeWard", ward_id, 1, 0) for ward_id in ("icu", "nowhere")}
    assert len(texts) == 1
    assert texts.pop() == (
        "An unexpected error occurred invoking 'ResumeWard' on the server. "
        "HubException: Access to this ward requires matching department assignment."
    )


async def test_who_has_unsubscribed_hears_nothing_more(cast: Cast, patient: Patient) -> None:
    async with connected(cast.nurse) as client:
        await client.invoke("SubscribeToWard", "icu")
        await client.invoke("UnsubscribeFromWard", "icu")
        await client.invoke("UnsubscribeFromWard", "nowhere")
        await client.invoke("RecordObservation", str(patient.pk), NORMAL)
        assert await client.receive_nothing()


async def test_a_doctor_drafts_and_the_ward_hears(cast: Cast, patient: Patient, drug: Drug) -> None:
    async with connected(cast.doctor) as doctor, connected(cast.nurse) as nurse:
        await nurse.invoke("SubscribeToWard", "icu")
        answer = await doctor.invoke("OrderMedication", str(patient.pk), "Paracetamol")
        payload, _ = await nurse.receive("OrderDrafted")
    assert payload["order"] == answer
    assert answer["drugName"] == "Paracetamol"


async def test_an_order_that_is_sent_twice_is_one_order(cast: Cast, patient: Patient, drug: Drug) -> None:
    order = ("OrderMedication", str(patient.pk), "Paracetamol", str(uuid.uuid4()))
    async with connected(cast.doctor) as doctor, connected(cast.nurse) as nurse:
        await nurse.invoke("SubscribeToWard", "icu")
        first = await doctor.invoke(*order)
        assert await doctor.invoke(*order) == first
        await nurse.receive("OrderDrafted")
        assert await nurse.receive_nothing()
    assert await MedicationOrder.objects.acount() == 1


async def test_only_doctors_order(cast: Cast, patient: Patient, drug: Drug) -> None:
    for user in (cast.nurse, cast.pharmacist, cast.admin):
        async with connected(user) as client:
            text = await refusal(client, "OrderMedication", str(patient.pk), "Paracetamol")
        assert text == "Failed to invoke 'OrderMedication' because user is unauthorized"
    assert not await MedicationOrder.objects.aexists()


async def test_only_doctors_and_nurses_record(cast: Cast, patient: Patient) -> None:
    for user in (cast.pharmacist, cast.admin):
        async with connected(user) as client:
            text = await refusal(client, "RecordObservation", str(patient.pk), NORMAL)
        assert text == "Failed to invoke 'RecordObservation' because user is unauthorized"
    assert not await ObservationSet.objects.aexists()


async def test_AZ_4_unknown_and_foreign_patients_are_refused_alike(
    cast: Cast, patient_elsewhere: Patient, drug: Drug
) -> None:
    async with connected(cast.doctor) as client:
        texts = {
            await refusal(client, "OrderMedication", str(patient_id), "Paracetamol")
            for patient_id in (patient_elsewhere.pk, uuid.uuid4())
        }
    assert len(texts) == 1
    assert texts.pop().endswith(f"HubException: {FORBIDDEN_PATIENT}")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"pulse": 351}, "HubException: Pulse must be between 0 and 350."),
        ({"temperature": 370}, "HubException: Temperature must be between 20 and 45."),
        ({"temperature": 37.123}, "HubException: Temperature must have at most two decimals."),
        (
            {"measuredAt": "2400-01-01T00:00:00Z"},
            "HubException: Time of measurement must not be in the future.",
        ),
        ({"measuredAt": "2026-01-01T00:00:00"}, "HubException: Time of measurement needs a time zone."),
        (dict.fromkeys(NORMAL), "HubException: Give at least one measurement."),
    ],
)
async def test_what_cannot_be_is_answered_in_words(
    cast: Cast, patient: Patient, changes: dict[str, Any], text: str
) -> None:
    async with connected(cast.nurse) as client:
        assert (await refusal(client, "RecordObservation", str(patient.pk), NORMAL | changes)).endswith(text)


@pytest.mark.parametrize(
    ("target", "arguments"),
    [
        ("RecordObservation", ["not-a-uuid", NORMAL]),
        ("RecordObservation", [str(uuid.uuid4()), NORMAL | {"pulse": "eighty"}]),
        ("RecordObservation", [str(uuid.uuid4()), NORMAL | {"pulse": 80.5}]),
        ("RecordObservation", [str(uuid.uuid4()), NORMAL | {"consciousness": "X"}]),
        ("RecordObservation", [str(uuid.uuid4()), NORMAL | {"onOxygen": "yes"}]),
        # A value under another name or in another unit must not silently be missing.
        ("RecordObservation", [str(uuid.uuid4()), NORMAL | {"temperatureF": 98.6}]),
        ("RecordObservation", [str(uuid.uuid4()), NORMAL | {"key": "again"}]),
        ("CorrectObservation", [str(uuid.uuid4()), NORMAL]),
        ("RecordObservation", [str(uuid.uuid4()), None]),
        ("RecordObservation", [str(uuid.uuid4()), []]),
        ("RecordObservation", [str(uuid.uuid4())]),
        ("SubscribeToWard", [5]),
        ("SubscribeToWard", [None]),
        ("SubscribeToWard", []),
        ("ResumeWard", ["icu"]),
        ("ResumeWard", ["icu", None, 3]),
        ("ResumeWard", ["icu", 1, "3"]),
        ("ResumeWard", ["icu", 1, 3.5]),
    ],
)
async def test_IN_1_wrong_types_end_the_call_and_not_the_connection(
    cast: Cast, patient: Patient, target: str, arguments: list[Any]
) -> None:
    async with connected(cast.nurse) as client:
        assert target in await refusal(client, target, *arguments)
        assert await client.invoke("SubscribeToWard", "icu")


async def test_IN_4_a_set_that_is_sent_twice_is_recorded_once(cast: Cast, patient: Patient) -> None:
    sent = NORMAL | {"key": str(uuid.uuid4())}
    async with connected(cast.nurse) as client:
        answers = [await client.invoke("RecordObservation", str(patient.pk), sent) for _ in range(2)]
        text = await refusal(client, "RecordObservation", str(patient.pk), sent | {"pulse": 81})
    assert answers[0] == answers[1]
    assert "This form has saved another set before." in text
    assert await ObservationSet.objects.acount() == 1


async def test_a_set_is_corrected_and_the_ward_sees_the_new_version(cast: Cast, patient: Patient) -> None:
    async with connected(cast.nurse) as nurse, connected(cast.doctor) as doctor:
        await nurse.invoke("SubscribeToWard", "icu")
        first = await nurse.invoke("RecordObservation", str(patient.pk), NORMAL | {"pulse": 131})
        await nurse.receive("ObservationRecorded")
        answer = await doctor.invoke("CorrectObservation", first["setId"], NORMAL, "Misread")
        payload, _ = await nurse.receive("ObservationRecorded")
        text = await refusal(doctor, "CorrectObservation", str(uuid.uuid4()), NORMAL, "Misread")
    assert (payload["observation"], answer["version"]) == (answer, 2)
    assert text.endswith(f"HubException: {FORBIDDEN_PATIENT}")


async def test_a_temperature_keeps_its_decimals_from_the_wire(cast: Cast, patient: Patient) -> None:
    async with connected(cast.nurse) as client:
        answer = await client.invoke("RecordObservation", str(patient.pk), NORMAL | {"temperature": 38.05})
    assert (answer["temperature"], answer["score"]["parts"]["temperature"]) == (38.1, 1)
    assert str((await ObservationSet.objects.aget()).temperature) == "38.05"


async def test_a_role_lost_after_the_token_was_made_opens_nothing(cast: Cast) -> None:
    client = connected(cast.nurse)
    await User.objects.filter(pk=cast.nurse.pk).aupdate(role=Role.VISITOR)
    with pytest.raises(UpgradeRefused):
        await client.connect()
