"""Admitting, transferring, discharging and swapping: who may, once for each form, and who is told what."""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from clinical import access
from clinical.models import Movement, Patient, Ward
from clinical.services import patients, stays
from clinical.services.patients import InvalidPatient
from clinical.services.stays import Person, Place
from tests.cast import Cast
from tests.clinical.conftest import admitted, told
from tests.clinical.services.test_assignments import put_in_charge

ADA = Person("N1", "Ada", "King", date(1960, 12, 10))
BED_1 = Place("icu", "1")


def new() -> uuid.UUID:
    return uuid.uuid4()


def refusal(function: Any, *arguments: Any) -> dict[str, str]:
    with pytest.raises(InvalidPatient) as caught:
        function(*arguments)
    return caught.value.errors


def test_nurses_and_doctors_admit_to_their_ward_and_it_is_written_down(cast: Cast, icu: Ward) -> None:
    patient = stays.admit(cast.nurse, Place("icu", "4"), ADA, new())
    [(name, payload)] = told("icu")
    assert (name, payload["row"]["bed"]) == ("PatientChanged", "4")
    [movement] = stays.history(patient)
    assert (movement.kind, movement.to_ward, movement.to_bed) == ("admission", icu, "4")
    assert (movement.by, movement.at) == (cast.nurse, patient.admitted_at)
    assert (
        stays.admit(cast.doctor, Place("icu", "5"), Person("N2", "Bo", "Li", ADA.born_on), new()).bed == "5"
    )


@pytest.mark.parametrize("who", ["pharmacist", "admin", "visitor", "deactivated", "nurse_of_another_ward"])
def test_nobody_else_moves_anybody(cast: Cast, patient: Patient, who: str) -> None:
    user, before = getattr(cast, who), Movement.objects.count()
    for attempt in (
        lambda: stays.admit(user, Place("icu", "4"), ADA, new()),
        lambda: stays.transfer(user, patient.pk, BED_1, Place("icu", "2"), new()),
        lambda: stays.discharge(user, patient.pk, BED_1, "", new()),
        lambda: stays.swap(user, patient.pk, BED_1, "2", new()),
    ):
        with pytest.raises(access.Forbidden):
            attempt()
    assert Movement.objects.count() == before


def test_a_transfer_moves_what_each_ward_may_see(cast: Cast, patient: Patient, cardio: Ward) -> None:
    form = new()
    stays.transfer(cast.nurse, patient.pk, BED_1, Place("cardio", "9"), form)
    assert told("icu")[-1][0] == "PatientLeft"
    assert told("cardio")[-1][1]["row"]["bed"] == "9"
    with pytest.raises(access.Forbidden):
        access.patient_for(cast.nurse, patient.pk)
    assert access.patient_for(cast.nurse_of_another_ward, patient.pk) == patient
    assert [movement.kind for movement in stays.history(patient)] == ["transfer", "admission"]
    # The second click of whoever cannot see the patient any more is no error.
    assert stays.transfer(cast.nurse, patient.pk, BED_1, Place("cardio", "9"), form) == patient
    assert Movement.objects.filter(patient=patient).count() == 2


def test_a_discharge_frees_the_bed_and_is_done_once(cast: Cast, patient: Patient) -> None:
    form = new()
    for _ in range(2):
        stays.discharge(cast.doctor, patient.pk, BED_1, "home", form)
    [movement] = Movement.objects.filter(kind="discharge")
    assert (movement.by, movement.reason, movement.from_bed) == (cast.doctor, "home", "1")
    assert [name for name, _ in told("icu")] == ["PatientChanged", "PatientLeft"]
    assert stays.admit(cast.nurse, BED_1, ADA, new()).bed == "1"


def test_who_comes_back_begins_another_stay_under_the_same_number(cast: Cast, patient: Patient) -> None:
    same = Person(patient.mrn, "ADA", "byron", patient.born_on)
    assert "in a bed already" in refusal(stays.admit, cast.nurse, Place("icu", "2"), same, new())["mrn"]
    stays.discharge(cast.nurse, patient.pk, BED_1, "", new())
    other = Person(patient.mrn, "Eve", "Byron", patient.born_on)
    assert "another name" in refusal(stays.admit, cast.nurse, Place("icu", "2"), other, new())["mrn"]
    again = stays.admit(cast.nurse, Place("icu", "2"), same, new())
    assert again == patient
    assert [movement.kind for movement in stays.history(again)] == ["admission"]
    assert again.movements.count() == 3


def test_two_people_at_once_are_told_of_each_other(cast: Cast, patient: Patient, icu: Ward) -> None:
    second = admitted(icu, "2")
    stays.transfer(cast.doctor, patient.pk, BED_1, Place("icu", "7"), new())
    by_doctor = f"by {cast.doctor.display_name} since"
    errors = refusal(stays.transfer, cast.nurse, second.pk, Place("icu", "2"), Place("icu", "7"), new())
    assert errors["bed"].startswith(f"Bed 7 is taken {by_doctor}")
    assert by_doctor in refusal(stays.admit, cast.nurse, Place("icu", "7"), ADA, new())["bed"]
    errors = refusal(stays.transfer, cast.nurse, patient.pk, BED_1, Place("icu", "8"), new())
    assert errors[""].startswith(f"The patient is in bed 7 meanwhile {by_doctor}")
    stays.discharge(cast.doctor, patient.pk, Place("icu", "7"), "", new())
    errors = refusal(stays.discharge, cast.nurse, patient.pk, Place("icu", "7"), "", new())
    assert errors[""].startswith(f"The patient has left this bed meanwhile {by_doctor}")


def test_who_never_saw_the_bed_is_told_nothing(cast: Cast, patient: Patient, cardio: Ward) -> None:
    stays.discharge(cast.doctor, patient.pk, BED_1, "", new())
    for user, seen in ((cast.nurse_of_another_ward, BED_1), (cast.nurse, Place("icu", "2"))):
        for patient_id in (patient.pk, new()):
            with pytest.raises(access.Forbidden, match=access.FORBIDDEN_PATIENT):
                stays.transfer(user, patient_id, seen, Place("cardio", "3"), new())


def test_a_form_that_was_used_for_something_else_is_refused(cast: Cast, patient: Patient, icu: Ward) -> None:
    form = new()
    stays.transfer(cast.nurse, patient.pk, BED_1, Place("icu", "2"), form)
    for user, to in ((cast.nurse, "3"), (cast.doctor, "2")):
        errors = refusal(stays.transfer, user, patient.pk, Place("icu", "2"), Place("icu", to), form)
        assert "used already" in errors[""]


def test_a_form_that_has_moved_somebody_else_is_refused(cast: Cast, patient: Patient, icu: Ward) -> None:
    second, form, before = admitted(icu, "2"), new(), Movement.objects.count()
    put_in_charge(cast.nurse, icu, cast.admin)
    stays.discharge(cast.nurse, patient.pk, BED_1, "home", form)
    bed_2 = Place("icu", "2")
    for other, seen, reason in ((second, bed_2, "home"), (second, BED_1, "home"), (patient, BED_1, "died")):
        errors = refusal(stays.discharge, cast.nurse, other.pk, seen, reason, form)
        assert "used already" in errors[""]
    third, forms = admitted(icu, "3"), (new(), new())
    stays.transfer(cast.nurse, second.pk, bed_2, BED_1, forms[0])
    assert (
        "used already"
        in refusal(stays.transfer, cast.nurse, third.pk, Place("icu", "3"), BED_1, forms[0])[""]
    )
    stays.swap(cast.nurse, second.pk, BED_1, "3", forms[1])
    fourth = admitted(icu, "4")
    assert "used already" in refusal(stays.swap, cast.nurse, fourth.pk, Place("icu", "4"), "3", forms[1])[""]
    beds = {each.pk: each.bed for each in Patient.objects.all()}
    assert beds == {patient.pk: "", second.pk: "3", third.pk: "1", fourth.pk: "4"}
    # Two who were admitted, and one discharge, one transfer, and two of the swap.
    assert Movement.objects.count() == before + 2 + 4


@pytest.mark.parametrize(
    "changes",
    [{"mrn": "N2"}, {"given_name": "Eve"}, {"family_name": "Byron"}, {"born_on": date(1961, 12, 10)}],
)
def test_a_form_that_has_admitted_one_person_admits_no_other(
    cast: Cast, icu: Ward, changes: dict[str, Any]
) -> None:
    """Whoever goes back and types the next person into the same form must not read that it is done."""
    form, bed_5 = new(), Place("icu", "5")
    first = stays.admit(cast.nurse, bed_5, ADA, form)
    assert "used already" in refusal(stays.admit, cast.nurse, bed_5, replace(ADA, **changes), form)[""]
    patients.move(first.pk, icu, "6")
    assert "used already" in refusal(stays.admit, cast.nurse, bed_5, replace(ADA, **changes), form)[""]
    assert stays.admit(cast.nurse, bed_5, ADA, form) == first == Patient.objects.get()


@pytest.mark.parametrize(
    ("to", "field"),
    [(Place("nowhere", "1"), "ward"), (BED_1, "bed"), (Place("icu", ""), ""), (Place("icu", "a b"), "bed")],
)
def test_what_is_no_bed_is_refused(cast: Cast, patient: Patient, to: Place, field: str) -> None:
    assert set(refusal(stays.transfer, cast.nurse, patient.pk, BED_1, to, new())) == {field}


def test_the_nurse_in_charge_swaps_two_beds_in_one_step(cast: Cast, patient: Patient, icu: Ward) -> None:
    second, form = admitted(icu, "2"), new()
    with pytest.raises(access.Forbidden):
        stays.swap(cast.nurse, patient.pk, BED_1, "2", form)
    put_in_charge(cast.nurse, icu, cast.admin)
    for _ in range(2):
        stays.swap(cast.nurse, patient.pk, BED_1, "2", form)
    beds = {each.pk: each.bed for each in Patient.objects.all()}
    assert beds == {patient.pk: "2", second.pk: "1"}
    assert [payload["row"]["bed"] for _, payload in told("icu")[-2:]] == ["2", "1"]
    assert Movement.objects.filter(kind="bed change", by=cast.nurse).count() == 2
    for bed in ("2", "9"):
        assert "bed" in refusal(stays.swap, cast.nurse, patient.pk, Place("icu", "2"), bed, new())


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_one_bed_at_the_same_moment_exactly_one_gets_it(cast: Cast, icu: Ward) -> None:
    lying = [admitted(icu, bed) for bed in ("1", "2")]
    barrier, outcomes = Barrier(2), []

    def move(user: User, patient: Patient) -> None:
        try:
            barrier.wait()
            stays.transfer(user, patient.pk, Place("icu", patient.bed), Place("icu", "7"), new())
            outcomes.append("moved")
        except InvalidPatient as error:
            outcomes.append(error.errors["bed"].split(" since")[0])
        finally:
            connection.close()

    users = (cast.nurse, cast.doctor)
    threads = [Thread(target=move, args=pair) for pair in zip(users, lying, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "moved" in outcomes
    assert {f"Bed 7 is taken by {user.display_name}" for user in users} & set(outcomes)
    assert Patient.objects.filter(bed="7").count() == 1


def test_what_no_person_did_is_written_down_too(patient: Patient, cardio: Ward) -> None:
    patients.move(patient.pk, cardio, "2")
    patients.change(patient.pk, given_name="Augusta")
    assert [(each.kind, each.by) for each in stays.history(patient)] == [
        ("transfer", None),
        ("admission", None),
    ]


def test_a_ward_finds_who_has_left_it_for_a_day(
    cast: Cast, patient: Patient, icu: Ward, cardio: Ward
) -> None:
    home, back, ill, long_gone = (admitted(icu, bed) for bed in "2345")
    stays.transfer(cast.nurse, patient.pk, Place("icu", "1"), Place("cardio", "8"), new())
    stays.transfer(cast.nurse, ill.pk, Place("icu", "4"), Place("icu", "9"), new())
    stays.discharge(cast.nurse, home.pk, Place("icu", "2"), "home", new())
    stays.transfer(cast.nurse, back.pk, Place("icu", "3"), Place("cardio", "7"), new())
    patients.move(back.pk, icu, "3")
    patients.discharge(long_gone.pk)
    # What is written stays as it is written, by every way but this.
    QuerySet(Movement).filter(patient=long_gone).update(at=timezone.now() - timedelta(hours=25))
    left = stays.recently_left(icu)
    assert [(each.patient, each.from_bed, each.reason) for each in left] == [
        (home, "2", "home"),
        (patient, "1", ""),
    ]
    assert [each.patient for each in stays.recently_left(cardio)] == [back]
