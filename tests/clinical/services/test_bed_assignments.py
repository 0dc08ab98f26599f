"""Whose bed it is: a nurse's own word or that of who is in charge, for the rest of the shift."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Role, User
from clinical import access
from clinical.models import BedAssignment, Patient, Ward
from clinical.services import board, patients
from clinical.services.assignments import assign
from clinical.services.bed_assignments import InvalidBeds, beds_of, give, nurses_of, of_ward, release
from tests.cast import Cast, hire
from tests.clinical.conftest import admitted, told
from tests.clinical.services.test_assignments import put_in_charge, wanted


def shown(patient: Patient) -> str | None:
    nurse = board.rows([Patient.objects.get(pk=patient.pk)])[0].nurse
    return None if nurse is None else nurse.name


def held(ward: Ward) -> list[tuple[str, str]]:
    return sorted((each.bed, each.nurse.username) for each in of_ward(ward, timezone.now()))


def test_a_nurse_takes_beds_and_every_board_hears_it(cast: Cast, patient: Patient, icu: Ward) -> None:
    other = admitted(icu, "2")
    give(cast.nurse, "icu", cast.nurse, ["1", "2"], 8)
    rows = [payload["row"] for name, payload in told("icu")[-2:] if name == "PatientChanged"]
    assert {(row["bed"], row["nurse"]["id"], row["nurse"]["name"]) for row in rows} == {
        ("1", cast.nurse.pk, "nurse.icu"),
        ("2", cast.nurse.pk, "nurse.icu"),
    }
    assert [row["version"] for row in sorted(rows, key=lambda row: str(row["bed"]))] == [
        Patient.objects.get(pk=each.pk).version for each in (patient, other)
    ]
    release(cast.nurse, "icu", ["1", "9"])
    assert (shown(patient), shown(other)) == (None, "nurse.icu")
    ended = BedAssignment.objects.get(bed="1")
    assert (ended.given_by, ended.ended_by) == (cast.nurse, cast.nurse)


def test_the_bed_keeps_its_nurse_and_the_patient_gets_that_of_the_new_one(
    cast: Cast, patient: Patient, icu: Ward, cardio: Ward
) -> None:
    give(cast.nurse, "icu", cast.nurse, ["1"], 8)
    patients.move(patient.pk, icu, "2")
    assert shown(patient) is None
    assert shown(admitted(icu, "1")) == "nurse.icu"
    patients.move(patient.pk, cardio, "1")
    assert shown(patient) is None


def test_it_ends_by_itself(cast: Cast, patient: Patient, icu: Ward) -> None:
    give(cast.nurse, "icu", cast.nurse, ["1"], 4)
    BedAssignment.objects.update(begins_at=timezone.now() - timedelta(hours=5), ends_at=timezone.now())
    Patient.objects.update(nurse_until=timezone.now())
    assert (shown(patient), held(icu)) == (None, [])
    give(cast.nurse, "icu", cast.nurse, ["1"], 4)
    assert shown(patient) == "nurse.icu"


def test_who_is_in_charge_gives_beds_to_others_and_takes_them_over(
    cast: Cast, patient: Patient, icu: Ward
) -> None:
    colleague = hire("nurse.two", Role.NURSE, "icu")
    assign(cast.admin, wanted(cast.nurse_of_another_ward, icu))
    assert set(nurses_of(icu)) == {cast.nurse, colleague, cast.nurse_of_another_ward}
    give(colleague, "icu", colleague, ["1"], 8)
    for user in (cast.nurse, cast.doctor):
        with pytest.raises(access.Forbidden, match="role"):
            release(user, "icu", ["1"])
        with pytest.raises(access.Forbidden, match="role"):
            give(user, "icu", colleague, ["1"], 8)
    put_in_charge(cast.nurse, icu, cast.admin)
    give(cast.nurse, "icu", cast.nurse_of_another_ward, ["1"], 8)
    assert held(icu) == [("1", "nurse.cardio")]
    # A nurse who takes a bed over says so by taking it.
    give(colleague, "icu", colleague, ["1"], 8)
    assert held(icu) == [("1", "nurse.two")]
    give(cast.admin, "icu", cast.nurse, ["1"], 8)
    release(cast.nurse, "icu", ["1"])
    assert held(icu) == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"beds": []}, "at least one"),
        ({"beds": ["1", "77"]}, "any more"),
        ({"hours": 9}, "one of the times"),
        ({"nurse": "doctor"}, "Only a nurse"),
        ({"nurse": "nurse_of_another_ward"}, "Only a nurse"),
        ({"nurse": "deactivated"}, "Only a nurse"),
    ],
)
def test_what_cannot_be_is_told(
    cast: Cast, patient: Patient, icu: Ward, changes: dict[str, Any], text: str
) -> None:
    given: dict[str, Any] = {"nurse": "nurse", "beds": ["1"], "hours": 8} | changes
    with pytest.raises(InvalidBeds, match=text):
        give(cast.admin, "icu", getattr(cast, given["nurse"]), given["beds"], given["hours"])
    assert not BedAssignment.objects.exists()


def test_somebody_elses_ward_is_not_there(cast: Cast, patient: Patient, cardio: Ward) -> None:
    for ward in ("icu", "nowhere"):
        with pytest.raises(access.Forbidden, match="matching department"):
            give(cast.nurse_of_another_ward, ward, cast.nurse_of_another_ward, ["1"], 8)
        with pytest.raises(access.Forbidden, match="matching department"):
            release(cast.nurse_of_another_ward, ward, ["1"])


def test_a_bed_that_is_held_stays_in_the_list_when_its_patient_leaves(
    cast: Cast, patient: Patient, icu: Ward
) -> None:
    admitted(icu, "10")
    give(cast.nurse, "icu", cast.nurse, ["1"], 8)
    patients.discharge(patient.pk)
    assert beds_of(icu, timezone.now()) == ["1", "10"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_bed_at_the_same_moment_one_has_it(cast: Cast, patient: Patient, icu: Ward) -> None:
    nurses, barrier = (cast.nurse, hire("nurse.two", Role.NURSE, "icu")), Barrier(2)

    def take(nurse: User) -> None:
        try:
            barrier.wait()
            give(nurse, "icu", nurse, ["1"], 8)
        finally:
            connection.close()

    threads = [Thread(target=take, args=[nurse]) for nurse in nurses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert BedAssignment.objects.count() == 2
    assert [("1", shown(patient))] == held(icu)
