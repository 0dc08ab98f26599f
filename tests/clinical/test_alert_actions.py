"""The hub's actions with alerts as its clients meet them."""

import uuid
from typing import Any

import pytest

from clinical.models import Alert, Patient
from hubs.executor import run
from tests.cast import Cast
from tests.clinical.alarming import HIGH, observe, raised
from tests.clinical.test_hubs import connected, refusal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alert(cast: Cast, patient: Patient) -> Alert:
    return raised(cast.nurse, patient)


async def test_every_step_reaches_the_other_screens_with_actor_and_time(cast: Cast, patient: Patient) -> None:
    async with connected(cast.nurse) as nurse, connected(cast.doctor) as doctor:
        await nurse.invoke("SubscribeToWard", "icu")
        await run(observe, cast.nurse, patient, HIGH)
        heard, _ = await nurse.receive("AlertRaised")
        alert_id = heard["alert"]["id"]
        await nurse.invoke("DeclineAlert", alert_id, "other", "At bed 4.")
        answers = [
            await doctor.invoke("AcceptAlert", alert_id),
            await doctor.invoke("StartAlertReview", alert_id),
            await doctor.invoke("ResolveAlert", alert_id, "treated"),
        ]
        said, _ = await nurse.receive("AlertDeclined")
        assert (said["by"], said["reason"], said["note"]) == ("nurse.icu", "other", "At bed 4.")
        for name, answer in zip(("AlertAccepted", "AlertStarted", "AlertResolved"), answers, strict=True):
            payload, _ = await nurse.receive(name)
            assert payload["by"] == "doctor.icu"
            assert payload["at"]
            assert payload["alert"] == answer


async def test_the_second_is_told_who_was_first(cast: Cast, alert: Alert) -> None:
    async with connected(cast.nurse) as nurse, connected(cast.doctor) as doctor:
        await doctor.invoke("AcceptAlert", str(alert.pk))
        text = await refusal(nurse, "AcceptAlert", str(alert.pk))
    assert "HubException: doctor.icu accepted this alert at " in text


async def test_a_role_that_answers_no_alerts_is_refused_before_anything_is_read(
    cast: Cast, alert: Alert
) -> None:
    for user in (cast.pharmacist, cast.admin):
        async with connected(user) as client:
            for target, *rest in CALLS:
                text = await refusal(client, target, str(alert.pk), *rest)
                assert text == f"Failed to invoke '{target}' because user is unauthorized"


async def test_an_alert_of_another_ward_looks_like_none(cast: Cast, alert: Alert) -> None:
    async with connected(cast.nurse_of_another_ward) as client:
        for target, *rest in CALLS:
            texts = {
                await refusal(client, target, each, *rest) for each in (str(alert.pk), str(uuid.uuid4()))
            }
            assert len(texts) == 1
            assert texts.pop().endswith("HubException: Not found, or not available to you.")


@pytest.mark.parametrize("bad", ["", "x", "\x00", 7, None, {}])
async def test_an_id_that_is_none_ends_the_call_and_nothing_else(cast: Cast, alert: Alert, bad: Any) -> None:
    async with connected(cast.nurse) as client:
        await refusal(client, "AcceptAlert", bad)
        assert (await client.invoke("AcceptAlert", str(alert.pk)))["owner"] == "nurse.icu"


CALLS = (
    ("AcceptAlert",),
    ("DeclineAlert", "busy"),
    ("StartAlertReview",),
    ("ResolveAlert", "treated"),
)
