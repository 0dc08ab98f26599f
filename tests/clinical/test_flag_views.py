"""The page of flags, and where they are shown."""

import uuid

from django.urls import reverse

from clinical.models import Flag, Patient
from clinical.services.flags import put
from tests.cast import Cast
from tests.clinical.test_entry_views import browser


def test_a_nurse_sets_and_clears_a_flag_and_every_page_shows_it(cast: Cast, patient: Patient) -> None:
    client, path = browser(cast.nurse), reverse("flags", args=[patient.pk])
    assert client.post(path, {"kind": "isolation", "note": "MRSA"}).status_code == 302
    assert "MRSA" in client.get(path).content.decode()
    chart = reverse("patient", args=[patient.pk])
    shown = {each: client.get(each).content.decode() for each in ("/wards/icu/", "/wards/icu/print/", chart)}
    assert all("Isolation" in page for page in shown.values())
    assert [each for each, page in shown.items() if "MRSA" in page] == [chart]
    assert "Flag set: Isolation: MRSA" in shown[chart]
    put(cast.doctor, patient.pk, "dnacpr")
    assert "DNACPR" in client.get("/wards/icu/").content.decode()
    client.post("/wards/icu/privacy/", {"privacy": "initials"})
    for each in ("/wards/icu/", "/wards/icu/print/", "/wards/icu/wall/", chart):
        page = client.get(each).content.decode()
        assert ("Isolation" in page, "DNACPR" in page, "MRSA" in page) == (True, False, False), each
    clear = reverse("flag_clear", args=[Flag.objects.get(kind="isolation").pk])
    assert [client.post(clear).status_code for _ in range(2)] == [302, 302]
    assert "<del>Isolation</del>" in client.get(path).content.decode()


def test_what_is_refused_is_told(cast: Cast, patient: Patient) -> None:
    client, path = browser(cast.nurse), reverse("flags", args=[patient.pk])
    for wrong in ({"kind": "dnacpr"}, {"kind": "tall"}, {}, {"kind": "falls", "note": "x" * 201}):
        assert client.post(path, wrong).status_code == 422
    assert not Flag.objects.exists()


def test_others_read_and_do_not_set(cast: Cast, patient: Patient) -> None:
    flag = put(cast.doctor, patient.pk, "dnacpr")
    path, clear = reverse("flags", args=[patient.pk]), reverse("flag_clear", args=[flag.pk])
    assert browser(cast.nurse).post(clear).status_code == 403
    client = browser(cast.pharmacist)
    page = client.get(path).content.decode()
    assert ("DNACPR" in page, "entry stack" in page) == (True, False)
    assert client.post(path, {"kind": "falls"}).status_code == 403
    assert client.post(clear).status_code == 403
    stranger = browser(cast.doctor_of_another_ward)
    for each in (flag.pk, uuid.uuid4()):
        assert stranger.post(reverse("flag_clear", args=[each])).status_code == 404
