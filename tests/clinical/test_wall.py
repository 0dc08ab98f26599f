"""What a wall display gets over its hub: its own ward, live, without what its mode hides."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import get_default_application

from accounts.models import Role, User
from clinical.alert_events import ALERT_EVENTS
from clinical.events import ObservationInput
from clinical.hubs import ClinicalDashboardHub
from clinical.models import Drug, Patient, Ward
from clinical.privacy import Privacy
from clinical.services import corrections, observations, orders, patients
from clinical.wall import WallDisplayHub, shown
from hubs.errors import HubError
from hubs.testing import HubCommunicator, UpgradeRefused
from tests.cast import Cast, hire, token_of
from tests.clinical.conftest import admitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def display(cast: Cast) -> User:
    return hire("wall.icu", Role.WALL_INITIALS, "icu")


async def test_a_display_follows_its_ward_without_names(
    redis_layer: None, display: User, cast: Cast, patient: Patient, icu: Ward, drug: Drug
) -> None:
    async with HubCommunicator(WallDisplayHub, user=display) as wall:
        snapshot: Any = await wall.invoke("SubscribeToWard", "icu")
        assert [(row["bed"], row["name"], row["mrn"]) for row in snapshot["beds"]] == [("1", "B. A.", "")]
        await sync_to_async(admitted)(icu, "2", family_name="Hopper", given_name="Grace")
        (came, _) = await wall.receive("PatientChanged")
        assert (came["row"]["name"], came["row"]["bornOn"]) == ("H. G.", None)
        await sync_to_async(orders.draft)(cast.doctor, patient.pk, drug.name)
        (drafted, _) = await wall.receive("OrderDrafted")
        assert drafted["order"]["drugName"] == ""
        ill = ObservationInput(respiration=26, pulse=120, on_oxygen=True)
        await sync_to_async(observations.record)(cast.nurse, patient.pk, ill)
        (recorded, _) = await wall.receive("ObservationRecorded")
        assert recorded["observation"]["score"]["lowerBound"] == 7
        await sync_to_async(corrections.correct)(
            cast.nurse, recorded["observation"]["setId"], ObservationInput(pulse=120), "was of Mr Obi"
        )
        (corrected, _) = await wall.receive("ObservationRecorded")
        again: Any = await wall.invoke("SubscribeToWard", "icu")
        for shown_set in (corrected["observation"], again["beds"][0]["observation"]):
            assert (shown_set["version"], shown_set["correction"]["reason"]) == (2, "")


async def test_a_display_of_beds_only_gets_no_initials(
    redis_layer: None, cast: Cast, patient: Patient
) -> None:
    beds = await sync_to_async(hire)("wall.beds", Role.WALL_BEDS, "icu")
    async with HubCommunicator(WallDisplayHub, user=beds) as wall:
        snapshot: Any = await wall.invoke("SubscribeToWard", "icu")
        assert [row["name"] for row in snapshot["beds"]] == [""]


async def test_a_display_sees_no_other_ward(
    redis_layer: None, display: User, patient_elsewhere: Patient
) -> None:
    async with HubCommunicator(WallDisplayHub, user=display) as wall:
        for action, arguments in (("SubscribeToWard", ()), ("ResumeWard", (1, 0))):
            with pytest.raises(HubError, match="matching department"):
                await wall.invoke(action, "cardio", *arguments)


async def test_no_person_gets_in_by_the_displays_hub_and_no_display_by_theirs(
    redis_layer: None, display: User, cast: Cast, icu: Ward
) -> None:
    strangers = ((WallDisplayHub, cast.nurse), (WallDisplayHub, cast.admin), (ClinicalDashboardHub, display))
    for hub, user in strangers:
        with pytest.raises(UpgradeRefused):
            async with HubCommunicator(hub, user=user) as connection:
                await connection.invoke("SubscribeToWard", "icu")


async def test_a_display_that_hangs_elsewhere_now_hears_no_more(
    redis_layer: None, display: User, patient: Patient
) -> None:
    headers = [(b"authorization", f"Bearer {token_of(display)}".encode())]
    application: Any = get_default_application()
    async with HubCommunicator(application, headers=headers, path="/hubs/wall") as wall:
        await wall.invoke("SubscribeToWard", "icu")
        display.department = "cardio"
        await sync_to_async(display.save)()
        assert (await wall.receive("FeedEnded"))[0]["reason"] == "forbidden"


def test_every_event_of_a_ward_has_been_thought_of() -> None:
    corrected = {"correction": {"setId": "x", "reason": "about a person"}}
    payloads: dict[str, dict[str, Any]] = {
        "PatientLeft": {"patientId": "x"},
        "PatientChanged": {
            "row": {"name": "A, B", "draftOrders": [], "observation": corrected, "flags": ["dnacpr"]}
        },
        "ObservationRecorded": {"observation": {"notScored": "pregnant"} | corrected},
        "OrderDrafted": {"order": {"drugName": "Morphine"}},
        **{event.__name__: {"alert": {}, "note": "about a person"} for event in ALERT_EVENTS},
    }
    assert {event.__name__ for event in ClinicalDashboardHub.events} == set(payloads)
    hidden = ("A, B", "pregnant", "Morphine", "about a person", "dnacpr")
    for name, payload in payloads.items():
        for mode in (Privacy.INITIALS, Privacy.BED):
            found = str(shown(name, payload, mode))
            assert found != "None", name
            assert not any(word in found for word in hidden), name


def test_an_event_that_nobody_has_thought_of_is_withheld() -> None:
    assert shown("DiagnosisMade", {"diagnosis": "x"}, Privacy.INITIALS) is None


def test_a_patient_who_leaves_leaves_the_wall_too(cast: Cast, patient: Patient) -> None:
    patients.discharge(patient.pk)
    assert shown("PatientLeft", {"patientId": str(patient.pk), "version": 2}, Privacy.BED) is not None
