"""Every door by which an id can come in: what is not there and what is somebody else's look the same."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from clinical.models import AccessRecord, Patient, Ward
from hubs.errors import HubError
from tests.cast import Cast, token_of
from tests.clinical.test_live_rights import connected

SECRET_OF_THE_FORM = re.compile(r'name="csrfmiddlewaretoken"[^>]*')


def routes(patterns: Any, above: str = "") -> list[str]:
    """Every route of the site, of its own pages and of the API, as Django spells it."""
    found: list[str] = []
    for each in patterns:
        route = f"{above}{each.pattern}"
        if isinstance(each, URLResolver):
            if each.app_name != "admin":
                found += routes(each.url_patterns, route)
        elif isinstance(each, URLPattern):
            found.append(route)
    return found


def with_ids(route: str, ward_id: str, patient_id: str) -> str:
    path = route.replace("<str:ward_id>", ward_id).replace("<uuid:patient_id>", patient_id)
    return "/" + re.sub(r"<uuid:\w+>", patient_id, path)


DOORS = [
    route for route in routes(get_resolver().url_patterns) if "ward_id>" in route or "patient_id>" in route
]


def logged_in(user: User) -> Client:
    client = Client(headers={"Authorization": f"Bearer {token_of(user)}"})
    client.force_login(user)
    return client


def answer(client: Client, path: str, method: str = "get") -> tuple[int, str]:
    given = getattr(client, method)(path)
    return given.status_code, SECRET_OF_THE_FORM.sub("", given.content.decode())


@pytest.mark.parametrize("route", DOORS)
def test_AZ_4_what_is_not_there_and_what_is_anothers_get_one_answer_at_every_page_and_api(
    cast: Cast, patient: Patient, cardio: Ward, route: str
) -> None:
    stranger = logged_in(cast.doctor_of_another_ward)
    nobody = str(uuid.uuid4())
    for method in ("get", "post"):
        answers = {
            answer(stranger, with_ids(route, "icu", str(patient.pk)), method),
            answer(stranger, with_ids(route, "nowhere", nobody), method),
        }
        # An own ward in front of somebody else's patient opens nothing either.
        if "patient_id>" in route:
            answers |= {
                answer(stranger, with_ids(route, "cardio", str(patient.pk)), method),
                answer(stranger, with_ids(route, "cardio", nobody), method),
            }
        assert len(answers) == 1, f"{method} tells them apart"
        [(status, body)] = answers
        # What a screen keeps for itself asks for no ward, and leads back to one that does; a role that may do
        # something on no ward is told so.
        assert status in (302, 403, 404, 405)
        assert "BYRON" not in body
        assert status != 404 or "Not found, or not available to you." in body


@pytest.mark.parametrize("route", DOORS)
def test_what_an_admin_is_shown_of_patients_is_recorded(cast: Cast, patient: Patient, route: str) -> None:
    _, body = answer(logged_in(cast.admin), with_ids(route, "icu", str(patient.pk)))
    if "BYRON" in body:
        records = AccessRecord.objects.values_list("user", "ward", "door")
        assert list(records) == [(cast.admin.pk, "icu", "api" if route.startswith("api/") else "page")]


def test_there_are_doors_at_all() -> None:
    assert {"wards/<str:ward_id>/", "wards/<str:ward_id>/beds/<uuid:patient_id>/"} <= set(DOORS)


@pytest.mark.django_db(transaction=True)
async def test_AZ_4_the_hub_says_of_patients_what_the_pages_say(cast: Cast, patient: Patient) -> None:
    texts = set()
    async with connected(cast.doctor_of_another_ward) as client:
        for patient_id in (str(patient.pk), str(uuid.uuid4())):
            for action, argument in (
                ("RecordObservation", {"pulse": 80}),
                ("OrderMedication", "Paracetamol"),
            ):
                with pytest.raises(HubError) as caught:
                    await client.invoke(action, patient_id, argument)
                texts.add(str(caught.value).replace(action, ""))
    [text] = texts
    assert text.endswith("Not found, or not available to you.")


def test_AZ_4_the_api_lists_nobody_elses_patients(cast: Cast, patient: Patient, cardio: Ward) -> None:
    status, body = answer(logged_in(cast.doctor_of_another_ward), "/api/patients/")
    assert (status, body) == (200, "[]")
