"""The pages of recording and correcting: they ask once, lose nothing, and save one set."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from clinical.models import ObservationSet, Patient
from clinical.services import patients
from clinical.services.corrections import correct
from clinical.services.observations import record
from clinical.services.scoring import Kind
from clinical.services.scoring_decisions import decide
from tests.cast import Cast
from tests.clinical.services.test_observations import given

FULL = {
    "respiration": "18",
    "spo2": "97",
    "oxygen": "air",
    "systolic": "125",
    "diastolic": "70",
    "pulse": "80",
    "temperature": "37,2",
    "consciousness": "A",
}


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def entry(patient: Patient) -> str:
    return reverse("observation_new", args=[patient.pk])


def opened(client: Client, path: str) -> dict[str, str]:
    """The hidden fields of a form that was just opened."""
    page = client.get(path).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?', page))


def send(client: Client, path: str, hidden: dict[str, str], **changes: str) -> Any:
    return client.post(path, hidden | FULL | changes)


def test_a_set_is_saved_from_a_page(cast: Cast, patient: Patient) -> None:
    client = browser(cast.nurse)
    response = send(client, entry(patient), opened(client, entry(patient)))
    assert (response.status_code, response["Location"]) == (
        302,
        reverse("observation_sets", args=[patient.pk]),
    )
    kept = ObservationSet.objects.get()
    assert (kept.score, str(kept.temperature), kept.recorded_by) == (0, "37.20", cast.nurse)
    page = client.get(response["Location"]).content.decode()
    assert "NEWS2 0" in page
    assert "nurse.icu" in page
    # As it was typed, not as the database keeps it.
    assert "temperature 37.2 (0)" in page
    assert 'value="37.2"' in client.get(reverse("observation_correct", args=[kept.pk])).content.decode()


def test_IN_4_a_form_that_is_sent_twice_saves_one_set(cast: Cast, patient: Patient) -> None:
    client = browser(cast.nurse)
    hidden = opened(client, entry(patient))
    assert [send(client, entry(patient), hidden).status_code for _ in range(2)] == [302, 302]
    assert ObservationSet.objects.count() == 1
    # A stale form: the same one with other values, after a step back in the browser.
    response = send(client, entry(patient), hidden, pulse="81")
    assert response.status_code == 422
    assert "another set" in response.content.decode()
    assert ObservationSet.objects.count() == 1


def test_what_is_unusual_is_asked_once_and_then_saved(cast: Cast, patient: Patient) -> None:
    client = browser(cast.nurse)
    hidden = opened(client, entry(patient))
    asked = send(client, entry(patient), hidden, pulse="220").content.decode()
    assert "Pulse 220 is unusual" in asked
    assert 'value="220"' in asked
    assert not ObservationSet.objects.exists()
    answered = hidden | dict(re.findall(r'name="(answered)" value="([^"]*)"', asked))
    # Something else that is unusual is another question.
    assert "Pulse 10 is unusual" in send(client, entry(patient), answered, pulse="10").content.decode()
    assert send(client, entry(patient), answered, pulse="220").status_code == 302


def test_a_partial_set_is_asked_why(cast: Cast, patient: Patient) -> None:
    client = browser(cast.nurse)
    hidden = opened(client, entry(patient))
    assert "why values are missing" in send(client, entry(patient), hidden, pulse="").content.decode()
    assert send(client, entry(patient), hidden, pulse="", missing_reason="asleep").status_code == 302
    assert ObservationSet.objects.get().missing_reason == "asleep"


def test_two_people_at_once_are_told_of_each_other(cast: Cast, patient: Patient) -> None:
    client = browser(cast.nurse)
    hidden = opened(client, entry(patient))
    record(cast.doctor, patient.pk, given())
    told = send(client, entry(patient), hidden).content.decode()
    assert "doctor.icu has recorded a set since this form was opened." in told
    answered = hidden | dict(re.findall(r'name="(answered)" value="([^"]*)"', told))
    assert send(client, entry(patient), answered).status_code == 302
    assert ObservationSet.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"pulse": "eighty"}, "Give a whole number."),
        ({"pulse": "80.5"}, "Give a whole number."),
        ({"pulse": "\u0668\u0660"}, "Give a whole number."),
        ({"temperature": "98.6"}, "looks like Fahrenheit"),
        ({"temperature": "37.123"}, "at most two decimals"),
        ({"spo2": "101"}, "Must be between 0 and 100."),
        ({"diastolic": "130"}, "Must not be above the systolic pressure."),
        ({"measured_at": "2400-01-01T00:00"}, "Must not be in the future."),
        ({"measured_at": "yesterday"}, "Enter a valid date/time."),
        ({"consciousness": "X"}, "Select a valid choice"),
        ({"missing_reason": "lazy"}, "Select a valid choice"),
        ({"key": "none"}, "Enter a valid UUID."),
        ({"pulse": "1\x00"}, "Null characters"),
        (dict.fromkeys(FULL, ""), "Give at least one measurement."),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_lost(
    cast: Cast, patient: Patient, changes: dict[str, str], text: str
) -> None:
    client = browser(cast.nurse)
    response = send(client, entry(patient), opened(client, entry(patient)), **changes)
    page = response.content.decode()
    if "Save anyway" in page:
        page = send(client, entry(patient), _answered(page), **changes).content.decode()
    assert text in page
    assert "Nothing was saved." in page
    for value in ({**FULL, **changes}[name] for name in ("respiration", "systolic")):
        assert f'value="{value}"' in page or not value
    assert not ObservationSet.objects.exists()


def _answered(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?', page))


def test_a_login_that_has_ended_loses_nothing(cast: Cast, patient: Patient) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.nurse)
    hidden = opened(client, entry(patient))
    client.cookies.pop("sessionid")
    kept = send(client, entry(patient), hidden, pulse="77")
    assert kept.status_code == 401
    assert not ObservationSet.objects.exists()
    client.force_login(cast.nurse)
    # As a new login does it: the old form's token against forged requests is none any more.
    client.cookies.pop("csrftoken")
    client.get(entry(patient))
    again = client.post(entry(patient), _answered(kept.content.decode()))
    assert again.status_code == 403
    assert client.post(entry(patient), _answered(again.content.decode())).status_code == 302
    assert ObservationSet.objects.get().pulse == 77


def test_a_forged_form_saves_nothing(cast: Cast, patient: Patient) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.nurse)
    for path in (entry(patient), reverse("scoring", args=[patient.pk])):
        response = client.post(path, FULL | {"key": str(uuid.uuid4())})
        assert response.status_code == 403
        assert "Not saved yet" in response.content.decode()
    assert not ObservationSet.objects.exists()


def test_ten_megabytes_are_refused(cast: Cast, patient: Patient) -> None:
    client = browser(cast.nurse)
    assert client.post(entry(patient), FULL | {"key": "x" * 10_000_000}).status_code == 400


def test_a_set_is_corrected_and_both_versions_are_shown(cast: Cast, patient: Patient) -> None:
    first = record(cast.doctor, patient.pk, given(pulse=131))
    client = browser(cast.nurse)
    path = reverse("observation_correct", args=[first.set_id])
    page = client.get(path).content.decode()
    assert 'name="pulse" value="131"' in page
    hidden = _answered(page)
    refused = send(client, path, hidden, pulse="73")
    assert "Is needed, on one line" in refused.content.decode()
    response = send(client, path, hidden, pulse="73", correction_reason="Misread")
    assert response.status_code == 302
    shown = " ".join(client.get(response["Location"]).content.decode().split())
    for text in ("Version 2, nurse.icu", "Misread", "Replaced by nurse.icu", "<del>", "NEWS2 3"):
        assert text in shown
    stale = send(client, path, hidden | {"key": str(uuid.uuid4())}, correction_reason="Misread too")
    assert "nurse.icu has corrected this set meanwhile" in stale.content.decode()


def test_a_set_is_withdrawn(cast: Cast, patient: Patient) -> None:
    first = record(cast.nurse, patient.pk, given())
    client = browser(cast.nurse)
    path = reverse("observation_correct", args=[first.set_id])
    response = send(client, path, opened(client, path), correction_reason="Neighbour", withdrawn="on")
    assert "withdrawn" in client.get(response["Location"]).content.decode()


def test_somebody_elses_patient_and_another_stays_set_are_not_there(
    cast: Cast, patient: Patient, patient_elsewhere: Patient
) -> None:
    before = record(cast.nurse, patient.pk, given())
    theirs = record(cast.nurse_of_another_ward, patient_elsewhere.pk, given())
    ward = patient.ward
    assert ward is not None
    patients.discharge(patient.pk)
    patients.move(patient.pk, ward, "4")
    client = browser(cast.nurse)
    paths = [entry(patient_elsewhere), reverse("observation_new", args=[uuid.uuid4()])]
    paths += [reverse("observation_correct", args=[each]) for each in (theirs.set_id, uuid.uuid4())]
    for path in [*paths, reverse("observation_sets", args=[patient_elsewhere.pk])]:
        assert client.get(path).status_code == 404
    key = {"key": str(uuid.uuid4()), "correction_reason": "Misread"}
    for path in [*paths, reverse("observation_correct", args=[before.set_id])]:
        assert send(client, path, key).status_code == 404
    assert ObservationSet.objects.count() == 2


def test_who_may_not_record_may_look(cast: Cast, patient: Patient) -> None:
    first = record(cast.nurse, patient.pk, given())
    client = browser(cast.pharmacist)
    page = client.get(reverse("observation_sets", args=[patient.pk]))
    assert page.status_code == 200
    assert "Correct</a>" not in page.content.decode()
    for path in (entry(patient), reverse("observation_correct", args=[first.set_id])):
        assert client.get(path).status_code == 403
    assert Client().get(entry(patient)).status_code == 302


def test_the_list_says_what_is_missing_and_who_is_not_scored(cast: Cast, patient: Patient) -> None:
    record(cast.nurse, patient.pk, given(pulse=None, missing_reason="refused"))
    decide(cast.doctor, patient.pk, Kind.PREGNANT, "32nd week")
    record(cast.nurse, patient.pk, given(measured_at=timezone.now() + timedelta(seconds=5)))
    page = " ".join(
        browser(cast.nurse).get(reverse("observation_sets", args=[patient.pk])).content.decode().split()
    )
    for text in ("missing: patient refused", "not scored: pregnant", "partial, at least 0"):
        assert text in page


def test_the_list_costs_the_same_whatever_its_length(
    cast: Cast, patient: Patient, django_assert_max_num_queries: Any
) -> None:
    client = browser(cast.nurse)
    for _ in range(4):
        answer = record(cast.nurse, patient.pk, given(pulse=90))
        correct(cast.nurse, answer.set_id, given(), "Misread")
    with django_assert_max_num_queries(10):
        client.get(reverse("observation_sets", args=[patient.pk]))
