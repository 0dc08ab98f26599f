"""Alerts over HTTP: the same rules, and an answer of its own for each that was wrong."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from clinical.models import Alert, Patient
from clinical.services import alerts
from tests.cast import Cast, token_of
from tests.clinical.alarming import raised, steps

pytestmark = pytest.mark.urls("clinical.api.urls")


@pytest.fixture
def alert(cast: Cast, patient: Patient) -> Alert:
    return raised(cast.nurse, patient)


def bearer(user: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(user)}"}


def get(user: User, ward: str) -> Any:
    return Client().get("/api/alerts/", {"ward": ward}, headers=bearer(user))


def post(user: User, alert_id: object, step: str, body: Any = None) -> Any:
    data = json.dumps({} if body is None else body)
    path = f"/api/alerts/{alert_id}/{step}/"
    return Client().post(path, data, content_type="application/json", headers=bearer(user))


def test_the_list_is_what_the_hub_sends(cast: Cast, alert: Alert) -> None:
    response = get(cast.pharmacist, "icu")
    assert response["Cache-Control"] == "no-store"
    (found,) = response.json()
    assert (found["id"], found["kind"], found["severity"], found["owner"]) == (
        str(alert.pk),
        "score",
        "high",
        None,
    )


def test_every_step_answers_the_alert_as_it_is_now(cast: Cast, alert: Alert) -> None:
    assert post(cast.nurse, alert.pk, "decline", {"reason": "busy"}).json()["state"] == "raised"
    assert post(cast.doctor, alert.pk, "accept").json()["owner"] == "doctor.icu"
    assert post(cast.doctor, alert.pk, "review").json()["state"] == "in_progress"
    response = post(cast.doctor, alert.pk, "resolve", {"outcome": "treated", "note": "Fluids."})
    assert (response.status_code, response.json()["state"]) == (200, "resolved")
    assert steps(alert) == ["raised", "declined", "accepted", "started", "resolved"]
    assert get(cast.nurse, "icu").json() == []


def test_what_is_not_there_and_what_is_not_yours_look_the_same(cast: Cast, alert: Alert) -> None:
    answers = [
        post(cast.nurse_of_another_ward, alert.pk, "accept"),
        post(cast.nurse, uuid.uuid4(), "accept"),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (404, b'{"detail":"Not found, or not available to you."}')
    }
    texts = {get(cast.nurse, ward).content for ward in ("cardio", "nowhere", "", "\x00")}
    assert len(texts) == 1
    assert get(cast.nurse, "cardio").status_code == 404
    assert post(cast.pharmacist, alert.pk, "accept").status_code == 403
    assert post(cast.visitor, alert.pk, "accept").status_code == 403


def test_what_is_not_possible_any_more_is_a_conflict_with_a_sentence(cast: Cast, alert: Alert) -> None:
    alerts.accept(cast.doctor, alert.pk)
    response = post(cast.nurse, alert.pk, "accept")
    assert response.status_code == 409
    assert response.json()["detail"].startswith("doctor.icu accepted this alert at ")
    assert post(cast.nurse, alert.pk, "resolve", {"outcome": "treated"}).status_code == 409
    alerts.resolve(cast.doctor, alert.pk, "treated")
    assert "was resolved by doctor.icu" in post(cast.nurse, alert.pk, "accept").json()["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"reason": "tired"}, 400),
        ({"reason": 7}, 400),
        ({"reason": None}, 400),
        ({"reason": "busy", "note": ["x"]}, 400),
        ({"reason": "busy", "note": "x" * 501}, 400),
        ({"reason": "busy", "note": "x" * 100_000}, 413),
        ([], 400),
        ("busy", 400),
        (7, 400),
    ],
)
def test_an_answer_that_is_none_is_a_bad_request(cast: Cast, alert: Alert, body: Any, status: int) -> None:
    assert post(cast.nurse, alert.pk, "decline", body).status_code == status
    assert steps(alert) == ["raised"]


def test_without_a_token_nobody_is_told_anything(alert: Alert) -> None:
    assert Client().get("/api/alerts/", {"ward": "icu"}).status_code == 401
    assert Client().post(f"/api/alerts/{alert.pk}/accept/").status_code == 401
    assert Client().get(f"/api/alerts/{alert.pk}/accept/").status_code in (401, 405)
