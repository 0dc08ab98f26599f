"""The page of whose bed is whose: nurses for themselves, who is in charge for everybody."""

from clinical.models import BedAssignment, Patient, Ward
from tests.cast import Cast
from tests.clinical.conftest import admitted
from tests.clinical.services.test_assignments import put_in_charge
from tests.clinical.test_entry_views import browser

NURSES, BOARD = "/wards/icu/nurses/", "/wards/icu/"


def test_a_nurse_takes_beds_and_gives_them_back(cast: Cast, patient: Patient, icu: Ward) -> None:
    admitted(icu, "2")
    client = browser(cast.nurse)
    assert "These are my beds" in client.get(NURSES).content.decode()
    assert NURSES in client.get(BOARD).content.decode()
    answer = client.post(NURSES, {"do": "give", "beds": ["1", "2"], "hours": "8"})
    assert (answer.status_code, answer["Location"]) == (302, NURSES)
    assert client.get(NURSES).content.decode().count("nurse.icu until") == 2
    for path in (BOARD, "/wards/icu/print/", "/wards/icu/wall/", f"/patients/{patient.pk}/"):
        assert "Nurse: nurse.icu" in client.get(path).content.decode(), path
    assert client.post(NURSES, {"do": "release", "beds": ["1"]}).status_code == 302
    assert client.get(NURSES).content.decode().count("nurse.icu until") == 1


def test_who_is_in_charge_gives_them_to_others(cast: Cast, patient: Patient, icu: Ward) -> None:
    put_in_charge(cast.nurse, icu, cast.admin)
    for user in (cast.nurse, cast.admin):
        page = browser(user).get(NURSES).content.decode()
        assert "Give these beds" in page
        given = {"do": "give", "beds": ["1"], "hours": "8", "nurse": str(cast.nurse.pk)}
        assert browser(user).post(NURSES, given).status_code == 302
        assert browser(user).post(NURSES, given | {"nurse": str(cast.doctor.pk)}).status_code == 422
    assert [each.given_by for each in BedAssignment.objects.all()] == [cast.admin, cast.nurse]


def test_what_is_refused_is_told_and_nothing_is_lost(cast: Cast, patient: Patient, icu: Ward) -> None:
    client = browser(cast.nurse)
    for wrong in ({"hours": "8"}, {"beds": ["1"], "hours": "9"}, {"beds": ["9"], "hours": "8"}):
        assert client.post(NURSES, {"do": "give", **wrong}).status_code == 422
    assert "checked" in client.post(NURSES, {"do": "give", "beds": ["1"], "hours": "9"}).content.decode()
    assert not BedAssignment.objects.exists()


def test_beds_that_are_none_are_released_without_a_word(cast: Cast, patient: Patient) -> None:
    client = browser(cast.nurse)
    client.post(NURSES, {"do": "give", "beds": ["1"], "hours": "8"})
    # PostgreSQL carries no zero byte, not even in a question.
    assert client.post(NURSES, {"do": "release", "beds": ["\x00", "99"]}).status_code == 302
    assert client.get(NURSES).content.decode().count("nurse.icu until") == 1


def test_others_read_and_do_not_change(cast: Cast, patient: Patient) -> None:
    for user in (cast.doctor, cast.pharmacist):
        client = browser(user)
        assert "my beds</button>" not in client.get(NURSES).content.decode()
        for do in ("give", "release"):
            assert client.post(NURSES, {"do": do, "beds": ["1"], "hours": "8"}).status_code == 403
    assert browser(cast.nurse_of_another_ward).get(NURSES).status_code == 404
