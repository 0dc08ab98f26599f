"""The page of how a patient is scored: doctors decide, everybody of the ward reads."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from clinical.models import Patient, ScoringDecision, Ward
from clinical.services.scoring import Kind
from clinical.services.scoring_decisions import decide
from tests.cast import Cast
from tests.clinical.conftest import admitted
from tests.clinical.test_entry_views import browser


def page_of(patient: Patient) -> str:
    return reverse("scoring", args=[patient.pk])


def test_a_doctor_prescribes_and_revokes_scale_2(cast: Cast, patient: Patient) -> None:
    client, path = browser(cast.doctor), page_of(patient)
    until = (timezone.localtime() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    body: dict[str, Any] = {"kind": "spo2-scale-2", "reason": "Hypercapnia", "until": until}
    assert client.post(path, body).status_code == 302
    page = client.get(path).content.decode()
    assert "Hypercapnia" in page
    assert "until" in page
    decision = ScoringDecision.objects.get()
    again = client.post(path, body)
    assert (again.status_code, "decided already" in again.content.decode()) == (422, True)
    revoke = reverse("scoring_revoke", args=[decision.pk])
    assert [client.post(revoke).status_code for _ in range(2)] == [302, 302]
    shown = client.get(path).content.decode()
    assert "<del>" in shown
    assert "revoked" in shown


def test_what_cannot_be_decided_is_told_and_nothing_is_lost(cast: Cast, patient: Patient) -> None:
    client = browser(cast.doctor)
    for changes in ({"reason": ""}, {"kind": "copd"}, {"until": "2020-01-01T00:00"}, {"until": "soon"}):
        response = client.post(page_of(patient), {"kind": "pregnant", "reason": "32nd week"} | changes)
        assert response.status_code == 422
        assert "reason" in changes or "32nd week" in response.content.decode()
    assert not ScoringDecision.objects.exists()


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_times_at_the_ends_of_the_calendar_are_told_at_their_field(
    cast: Cast, patient: Patient, zone: str
) -> None:
    client, ends = browser(cast.doctor), ("9999-12-31T23:59", "0001-01-01T00:00")
    body = {"kind": "spo2-scale-2", "reason": "Hypercapnia", "minutes": "30"}
    for path in (page_of(patient), reverse("frequency", args=[patient.pk])):
        for until in ends:
            with timezone.override(zone):
                response = client.post(path, body | {"until": until})
            assert response.status_code == 422
            assert "Enter a valid date/time." in response.content.decode()
    assert not ScoringDecision.objects.exists()


def test_nurses_read_and_do_not_decide(cast: Cast, patient: Patient) -> None:
    decision = decide(cast.doctor, patient.pk, Kind.END_OF_LIFE, "Comfort only")
    client = browser(cast.nurse)
    page = client.get(page_of(patient)).content.decode()
    assert "Comfort only" in page
    assert '<form method="post" class="entry stack"' not in page
    assert client.post(page_of(patient), {"kind": "pregnant", "reason": "x"}).status_code == 403
    assert client.post(reverse("scoring_revoke", args=[decision.pk])).status_code == 403


def test_the_page_says_that_a_child_is_not_scored(cast: Cast, icu: Ward) -> None:
    child = admitted(icu, "3", born_on=timezone.localdate() - timedelta(days=3650))
    assert "Not scored: under 16 years" in browser(cast.nurse).get(page_of(child)).content.decode()


def test_decisions_about_others_are_not_there(cast: Cast, patient: Patient) -> None:
    decision = decide(cast.doctor, patient.pk, Kind.PREGNANT, "32nd week")
    client = browser(cast.doctor_of_another_ward)
    assert client.get(page_of(patient)).status_code == 404
    for each in (decision.pk, uuid.uuid4()):
        assert client.post(reverse("scoring_revoke", args=[each])).status_code == 404
