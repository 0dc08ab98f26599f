"""The page of how often a patient is observed: nurses and doctors decide, everybody of the ward reads."""

import uuid
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from clinical.models import Patient, ScoringDecision
from clinical.services.frequency_decisions import prescribe
from tests.cast import Cast
from tests.clinical.services.test_schedules import HIGH, MEDIUM, observe
from tests.clinical.test_entry_views import browser


def page_of(patient: Patient) -> str:
    return reverse("frequency", args=[patient.pk])


def body(minutes: str = "30", hours: float = 2, reason: str = "Looks grey") -> dict[str, Any]:
    until = (timezone.localtime() + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")
    return {"minutes": minutes, "until": until, "reason": reason}


def test_a_nurse_decides_and_revokes_and_the_patients_page_says_so(cast: Cast, patient: Patient) -> None:
    observe(cast, patient, 5, MEDIUM)
    client = browser(cast.nurse)
    assert "due every 1 h" in client.get(page_of(patient)).content.decode()
    assert client.post(page_of(patient), body()).status_code == 302
    page = client.get(page_of(patient)).content.decode()
    assert "<strong>Every 30 min</strong>" in page
    chart = client.get(reverse("patient", args=[patient.pk])).content.decode()
    for text in ("Every 30 min by nurse.icu", ": Looks grey", "Observations every 30 min: Looks grey"):
        assert text in chart
    assert "Every 30 min by nurse.icu" in client.get("/wards/icu/").content.decode()
    assert "Every 30 min by nurse.icu" in client.get("/wards/icu/print/").content.decode()
    assert "Looks grey" not in client.get(reverse("scoring", args=[patient.pk])).content.decode()
    revoke = reverse("frequency_revoke", args=[ScoringDecision.objects.get().pk])
    assert client.post(revoke).status_code == 302
    assert "<del>Every 30 min</del>" in client.get(page_of(patient)).content.decode()
    again = client.post(revoke)
    assert (again.status_code, "revoked this already" in again.content.decode()) == (422, True)


def test_what_is_refused_is_told_and_nothing_is_lost(cast: Cast, patient: Patient) -> None:
    observe(cast, patient, 5, MEDIUM)
    client = browser(cast.nurse)
    for wrong in (body("240"), body("7"), body(hours=100), body(reason=""), body() | {"until": "soon"}):
        answer = client.post(page_of(patient), wrong)
        assert answer.status_code == 422
        assert wrong["reason"] in answer.content.decode()
    assert not ScoringDecision.objects.exists()
    decision = prescribe(cast.doctor, patient.pk, 240, "Always so", timezone.now() + timedelta(hours=9))
    assert "frequency/" not in client.get(page_of(patient)).content.decode().split("<ul")[1].split("</ul>")[0]
    refused = client.post(reverse("frequency_revoke", args=[decision.pk]))
    assert (refused.status_code, "whoever decided it" in refused.content.decode()) == (422, True)
    observe(cast, patient, 1, HIGH)
    for path in (page_of(patient), reverse("patient", args=[patient.pk])):
        assert "the score asks for more" in client.get(path).content.decode()


def test_others_read_and_do_not_decide(cast: Cast, patient: Patient) -> None:
    decision = prescribe(cast.doctor, patient.pk, 30, "Looks grey", timezone.now() + timedelta(hours=9))
    client = browser(cast.pharmacist)
    page = client.get(page_of(patient)).content.decode()
    assert "Looks grey" in page
    assert "entry stack" not in page
    assert client.post(page_of(patient), body()).status_code == 403
    assert client.post(reverse("frequency_revoke", args=[decision.pk])).status_code == 403
    stranger = browser(cast.doctor_of_another_ward)
    for each in (decision.pk, uuid.uuid4()):
        assert stranger.post(reverse("frequency_revoke", args=[each])).status_code == 404
    assert stranger.get(page_of(patient)).status_code == 404
