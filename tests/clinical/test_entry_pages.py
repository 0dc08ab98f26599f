"""Who sees the pages of entering data: staff, and of their own patients."""

from django.test import Client
from django.urls import reverse

from clinical.models import Patient
from tests.cast import Cast
from tests.clinical.test_entry_views import browser


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
