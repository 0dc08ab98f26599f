"""The pages of a ward's staff: who sees which, what a form does, and what it says when it does not."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from accounts.models import User
from clinical import access
from clinical.models import Assignment, Movement, Patient, Ward
from tests.cast import Cast
from tests.clinical.conftest import admitted
from tests.clinical.services.test_assignments import put_in_charge

STAFF, BEDS, ADMIT = "/wards/icu/staff/", "/wards/icu/beds/", "/wards/icu/admit/"


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def key_of(page: Any) -> str:
    found = re.search(r'name="key" value="([0-9a-f-]{36})"', text(page))
    assert found
    return found[1]


@pytest.fixture
def charge(cast: Cast, icu: Ward) -> Client:
    """The nurse in charge, at a screen."""
    put_in_charge(cast.nurse, icu, cast.admin)
    return logged_in(cast.nurse)


def local(moment: Any) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


def assignment(page: Any, **changes: str) -> dict[str, str]:
    until = local(timezone.now() + timedelta(hours=8))
    given = {"key": key_of(page), "user": "nurse.cardio", "kind": "shift", "begins_at": "", "ends_at": until}
    return given | {"reason": "sickness"} | changes


def test_the_nurse_in_charge_assigns_somebody_and_sees_them_listed(cast: Cast, charge: Client) -> None:
    page = charge.get(STAFF)
    assert "in charge" in text(page)
    assert 'value="nurse.cardio"' in text(page)
    sent = assignment(page)
    for _ in range(2):
        assert charge.post(STAFF, sent).status_code == 302
    assert Assignment.objects.filter(user=cast.nurse_of_another_ward).count() == 1
    assert access.may_see(cast.nurse_of_another_ward, "icu")
    assert "sickness" in text(charge.get(STAFF))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"user": "nobody"}, "Nobody has this user name."),
        ({"user": "nurse.icu"}, "Nobody assigns themselves."),
        ({"user": "visitor"}, "Only doctors, nurses and pharmacists"),
        ({"user": "nurse.cardio\x00"}, "Null characters"),
        ({"kind": "for ever"}, "Select a valid choice"),
        ({"ends_at": "2020-01-01T10:00"}, "Must be in the future."),
        ({"ends_at": ""}, "Only a home has no end."),
        ({"ends_at": "tomorrow"}, "Enter a valid date/time."),
        ({"ends_at": "9998-12-31T23:59"}, "within 92 days"),
        ({"ends_at": "9999-12-31T23:59"}, "Enter a valid date/time."),
        ({"begins_at": "2020-01-01T10:00"}, "Must not be in the past"),
        ({"reason": ""}, "This field is required."),
        ({"reason": "x" * 201}, "at most 200 characters"),
        ({"key": "not-a-key"}, "Enter a valid UUID"),
        ({"in_charge": "yes", "user": "nobody.else"}, "Nobody has this user name."),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_is_kept(
    cast: Cast, charge: Client, changes: dict[str, str], error: str
) -> None:
    sent = assignment(charge.get(STAFF), **({"reason": "night duty"} | changes))
    answer = charge.post(STAFF, sent)
    assert answer.status_code == 200
    assert error in text(answer)
    assert f'value="{escape(sent["reason"])}"' in text(answer) or not sent["reason"]
    assert Assignment.objects.count() == 1


def test_a_nurse_in_charge_puts_nobody_in_charge_and_an_admin_does(cast: Cast, charge: Client) -> None:
    charge.post(STAFF, assignment(charge.get(STAFF), in_charge="yes"))
    assert not access.is_in_charge(cast.nurse_of_another_ward, "icu")
    Assignment.objects.filter(user=cast.nurse_of_another_ward).delete()
    admin = logged_in(cast.admin)
    admin.post(STAFF, assignment(admin.get(STAFF), in_charge="yes"))
    assert access.is_in_charge(cast.nurse_of_another_ward, "icu")


def test_an_assignment_is_ended_now_or_earlier(cast: Cast, charge: Client) -> None:
    charge.post(STAFF, assignment(charge.get(STAFF)))
    given = Assignment.objects.get(user=cast.nurse_of_another_ward)
    end = f"{STAFF}{given.pk}/end/"
    assert "earlier end" in text(charge.post(end, {"ends_at": local(timezone.now() + timedelta(days=2))}))
    assert "date and a time" in text(charge.post(end, {"ends_at": "later"}))
    assert charge.post(end, {"ends_at": local(timezone.now() + timedelta(hours=2))}).status_code == 302
    for _ in range(2):
        assert charge.post(end).status_code == 302
    assert not access.may_see(cast.nurse_of_another_ward, "icu")
    assert charge.post(f"{STAFF}{uuid.uuid4()}/end/").status_code == 404
    assert charge.get(end).status_code == 405


def test_who_is_not_in_charge_is_told_whose_page_it_is(cast: Cast, icu: Ward) -> None:
    for user in (cast.nurse, cast.doctor, cast.pharmacist):
        answer = logged_in(user).get(STAFF)
        assert answer.status_code == 403
        assert "nurse in charge" in text(answer)
    assert logged_in(cast.admin).get(STAFF).status_code == 200


def test_beds_are_for_doctors_and_nurses(cast: Cast, patient: Patient) -> None:
    for user in (cast.nurse, cast.doctor):
        assert "BYRON, Ada" in text(logged_in(user).get(BEDS))
    for user in (cast.pharmacist, cast.admin):
        for path in (BEDS, ADMIT, f"{BEDS}{patient.pk}/"):
            answer = logged_in(user).get(path)
            assert answer.status_code == 403
            assert "BYRON" not in text(answer)


def test_admitting_keeps_what_was_typed_and_happens_once(cast: Cast, patient: Patient) -> None:
    nurse = logged_in(cast.nurse)
    person = {"mrn": "N1", "family_name": "King", "given_name": "Ada", "born_on": "1960-12-10"}
    sent = person | {"bed": "1", "key": key_of(nurse.get(ADMIT))}
    answer = text(nurse.post(ADMIT, sent))
    assert "Bed 1 is taken since" in answer
    assert 'value="King"' in answer
    for _ in range(2):
        assert nurse.post(ADMIT, sent | {"bed": "2"}).status_code == 302
    assert Patient.objects.get(mrn="N1").bed == "2"
    # Back, and the next person typed into the same form.
    answer = text(nurse.post(ADMIT, sent | {"bed": "2", "mrn": "N2", "given_name": "Eve"}))
    assert "used already" in answer
    assert 'value="Eve"' in answer
    for changes, error in (
        ({"born_on": "2400-01-01"}, "130 years"),
        ({"mrn": "A1"}, "belongs to somebody with another name"),
        ({"bed": ""}, "This field is required."),
        ({"bed": "a/b"}, "letters, digits and hyphens"),
    ):
        fresh = {"key": key_of(nurse.get(ADMIT))}
        assert error in text(nurse.post(ADMIT, sent | {"mrn": "N2", "bed": "3"} | fresh | changes))
    assert Patient.objects.count() == 2


def test_a_transfer_ends_on_the_list_of_beds_without_the_patient(
    cast: Cast, patient: Patient, cardio: Ward
) -> None:
    nurse = logged_in(cast.nurse)
    page = nurse.get(f"{BEDS}{patient.pk}/")
    sent = {"do": "transfer", "key": key_of(page), "seen": "1", "ward": "cardio", "bed": "5"}
    for _ in range(2):
        answer = nurse.post(f"{BEDS}{patient.pk}/", sent, follow=True)
        assert answer.redirect_chain == [(BEDS, 302)]
        listed, left = text(answer).split("<h2>Left in the last 24 hours</h2>")
        assert "BYRON" not in listed
        assert "BYRON, Ada" in left
        assert "to Cardiology" in left
    patient.refresh_from_db()
    assert (patient.ward_id, patient.bed) == ("cardio", "5")
    assert nurse.get(f"{BEDS}{patient.pk}/").status_code == 404


def test_who_comes_second_is_told_who_was_first_and_loses_nothing(cast: Cast, patient: Patient) -> None:
    nurse, doctor, path = logged_in(cast.nurse), logged_in(cast.doctor), f"{BEDS}{patient.pk}/"
    pages = nurse.get(path), doctor.get(path)
    keys = [key_of(page) for page in pages]
    assert (
        doctor.post(
            path, {"do": "transfer", "key": keys[1], "seen": "1", "ward": "icu", "bed": "6"}
        ).status_code
        == 302
    )
    sent = {"do": "discharge", "key": keys[0], "seen": "1", "reason": "to her daughter"}
    answer = text(nurse.post(path, sent))
    assert f"in bed 6 meanwhile by {cast.doctor.display_name}" in answer
    assert "to her daughter" in answer
    doctor.post(path, {"do": "discharge", "key": key_of(doctor.get(path)), "seen": "6", "reason": ""})
    answer = text(nurse.post(path, sent | {"seen": "6"}))
    assert f"left this bed meanwhile by {cast.doctor.display_name}" in answer
    assert "BYRON" not in answer
    assert nurse.post(path, sent | {"do": "nothing"}).status_code == 404


def test_the_nurse_in_charge_alone_is_offered_to_swap(cast: Cast, patient: Patient, charge: Client) -> None:
    admitted(patient.ward, "2")  # type: ignore[arg-type]  # the fixture's patient has a ward
    path = f"{BEDS}{patient.pk}/"
    assert "Swap" not in text(logged_in(cast.doctor).get(path))
    page = charge.get(path)
    assert "Swap" in text(page)
    charge.post(path, {"do": "swap", "key": key_of(page), "seen": "1", "bed": "2"})
    patient.refresh_from_db()
    assert patient.bed == "2"
    assert "bed change" in text(charge.get(path)).lower()


def test_whoever_works_on_two_wards_chooses(cast: Cast, icu: Ward, cardio: Ward) -> None:
    helper = logged_in(cast.nurse_of_another_ward)
    assert helper.get("/").headers["Location"] == "/wards/cardio/"
    put_in_charge(cast.nurse, icu, cast.admin)
    charge = logged_in(cast.nurse)
    charge.post(STAFF, assignment(charge.get(STAFF)))
    chooser = text(helper.get("/"))
    assert "/wards/icu/" in chooser
    assert "/wards/cardio/" in chooser
    assert helper.get("/wards/icu/").status_code == 200


def test_no_form_works_without_its_token(cast: Cast, patient: Patient) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.nurse)
    before = Movement.objects.count()
    assert client.post(f"{BEDS}{patient.pk}/", {"do": "discharge"}).status_code == 403
    assert Movement.objects.count() == before


def test_the_board_links_to_the_pages_that_its_reader_may_see(cast: Cast, icu: Ward, cardio: Ward) -> None:
    def links(user: User) -> set[str]:
        found = re.findall(
            r'href="(/|/wards/icu/\w+/)"[^>]*>(Wards|Beds|Staff)<', text(logged_in(user).get("/wards/icu/"))
        )
        return {label for _, label in found}

    assert links(cast.doctor) == {"Beds"}
    assert links(cast.pharmacist) == set()
    assert links(cast.admin) >= {"Staff"}
    put_in_charge(cast.nurse, icu, cast.admin)
    assert links(cast.nurse) == {"Beds", "Staff"}
    charge = logged_in(cast.nurse)
    charge.post(STAFF, assignment(charge.get(STAFF)))
    assert links(cast.nurse_of_another_ward) == {"Wards", "Beds"}
