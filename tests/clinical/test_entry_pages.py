"""Who sees the pages of entering data: staff, and of their own patients."""

import re
import uuid
from typing import Any

from django.test import Client
from django.urls import reverse

from clinical.models import Patient, Ward
from clinical.services import patients
from clinical.services.observations import record
from tests.cast import Cast
from tests.clinical.services.test_observations import given
from tests.clinical.test_entry_views import FULL, browser, entry, opened, send

REFUSED = "Not found, or not available to you."


def shown(response: Any) -> str:
    """The page without what is another one in each answer."""
    assert response.status_code == 404
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def test_a_stranger_is_sent_to_the_login_and_comes_back(cast: Cast, patient: Patient) -> None:
    path = reverse("observation_sets", args=[patient.pk])
    response = Client().get(path)
    assert (response.status_code, response["Location"]) == (302, f"{reverse('login')}?next={path}")


def test_a_visitor_finds_nothing(cast: Cast, patient: Patient) -> None:
    client = browser(cast.visitor)
    for name in ("observation_sets", "scoring"):
        assert client.get(reverse(name, args=[patient.pk])).status_code == 404


def test_patient_data_stay_out_of_caches(cast: Cast, patient: Patient) -> None:
    response = browser(cast.nurse).get(reverse("observation_sets", args=[patient.pk]))
    assert "no-store" in response["Cache-Control"]


def test_what_was_typed_for_a_patient_who_is_gone_meanwhile_is_kept(
    cast: Cast, patient: Patient, cardio: Ward
) -> None:
    client = browser(cast.nurse)
    hidden = opened(client, entry(patient))
    patients.move(patient.pk, cardio, "7")
    page = shown(send(client, entry(patient), hidden, pulse="117<b>", missing_reason="refused"))
    assert REFUSED in page
    texts = (
        "<dt>Pulse</dt><dd>117&lt;b&gt;</dd>",
        "<dd>37,2</dd>",
        "<dd>Air</dd>",
        "<dd>Patient refused</dd>",
    )
    for text in texts:
        assert text in page
    for secret in (str(patient), patient.mrn, str(patient.pk), hidden["key"], "<dt>Measured at</dt>"):
        assert secret not in page
    assert "Nothing was saved." not in shown(client.get(entry(patient)))


def test_what_is_kept_tells_nobody_whether_a_patient_exists(
    cast: Cast, patient: Patient, patient_elsewhere: Patient
) -> None:
    client, doctor = browser(cast.nurse), browser(cast.doctor)
    theirs = record(cast.nurse_of_another_ward, patient_elsewhere.pk, given()).set_id
    for name, sender, known, form, kept in (
        ("observation_new", client, patient_elsewhere.pk, FULL, "<dd>18</dd>"),
        ("observation_correct", client, theirs, FULL | {"withdrawn": "on"}, "<dd>yes</dd>"),
        ("scoring", doctor, patient_elsewhere.pk, {"kind": "pregnant", "reason": "32nd week"}, "32nd week"),
        ("flags", client, patient_elsewhere.pk, {"kind": "falls", "note": "fell twice"}, "fell twice"),
        ("frequency", client, patient_elsewhere.pk, {"minutes": "60", "reason": "pale"}, "<dd>1 h</dd>"),
    ):
        found = [shown(sender.post(reverse(name, args=[each]), form)) for each in (known, uuid.uuid4())]
        assert found[0] == found[1]
        assert kept in found[0]
        empty = [
            shown(sender.post(reverse(name, args=[known]))),
            shown(sender.get(reverse(name, args=[known]))),
        ]
        assert empty[0] == empty[1]
