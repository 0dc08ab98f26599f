"""Flags of a stay: who sets and clears them, and what boards, walls and pages make of them."""

import uuid
from typing import Any

import pytest

from clinical import access
from clinical.models import Flag, Patient
from clinical.privacy import Privacy
from clinical.services import board, flags, patients
from clinical.services.flags import InvalidFlag, clear, put
from clinical.wall import shown
from tests.cast import Cast
from tests.clinical.conftest import told


def on_board(patient: Patient) -> list[str]:
    return board.rows([Patient.objects.get(pk=patient.pk)])[0].flags


def test_a_flag_says_who_when_and_what_else_and_the_ward_hears_it(cast: Cast, patient: Patient) -> None:
    put(cast.nurse, patient.pk, "falls")
    put(cast.doctor, patient.pk, "isolation", " MRSA, own room ")
    kept = flags.of_stay(patient)
    assert [(each.kind, each.set_by, each.note) for each in kept] == [
        ("isolation", cast.doctor, "MRSA, own room"),
        ("falls", cast.nurse, ""),
    ]
    name, payload = told("icu")[-1]
    # In the order of the kinds, and without what is for the patient's page only.
    assert (name, payload["row"]["flags"]) == ("PatientChanged", ["isolation", "falls"])
    assert "MRSA" not in str(payload)
    assert payload["row"]["version"] == Patient.objects.get(pk=patient.pk).version


def test_what_is_set_twice_is_set_once_and_what_is_cleared_stays_on_record(
    cast: Cast, patient: Patient
) -> None:
    flag = put(cast.nurse, patient.pk, "falls")
    events = len(told("icu"))
    assert put(cast.doctor, patient.pk, "falls") == flag
    assert len(told("icu")) == events
    for user in (cast.doctor, cast.nurse):
        assert clear(user, flag.pk).cleared_by == cast.doctor
    assert len(told("icu")) == events + 1
    assert (on_board(patient), "flags" in told("icu")[-1][1]["row"]) == ([], False)
    put(cast.nurse, patient.pk, "falls")
    assert [each.cleared_by for each in flags.of_stay(patient)] == [None, cast.doctor]


def test_flags_go_with_the_patient_and_end_with_the_stay(cast: Cast, patient: Patient, cardio: Any) -> None:
    put(cast.nurse, patient.pk, "falls")
    moved = patients.move(patient.pk, cardio, "7")
    assert told("cardio")[-1][1]["row"]["flags"] == ["falls"]
    patients.discharge(moved.pk)
    back = patients.move(patient.pk, cardio, "7")
    assert (on_board(back), flags.of_stay(back)) == ([], [])
    put(cast.nurse_of_another_ward, patient.pk, "falls")
    assert on_board(back) == ["falls"]


def test_a_wall_shows_what_concerns_everybody_and_no_diagnosis(cast: Cast, patient: Patient) -> None:
    for kind in flags.Kind:
        put(cast.doctor, patient.pk, kind)
    assert on_board(patient) == list(flags.Kind)
    payload = told("icu")[-1][1]
    for mode in (Privacy.INITIALS, Privacy.BED):
        row: Any = shown("PatientChanged", payload, mode)
        assert row["row"]["flags"] == ["isolation", "falls", "nil-by-mouth", "pressure"]


def test_only_doctors_and_nurses_of_the_ward_set_and_clear(cast: Cast, patient: Patient) -> None:
    flag = put(cast.nurse, patient.pk, "falls")
    resuscitation = put(cast.doctor, patient.pk, "dnacpr")
    for user in (cast.pharmacist, cast.admin, cast.visitor, cast.deactivated):
        with pytest.raises(access.Forbidden, match="role"):
            put(user, patient.pk, "diabetes")
        with pytest.raises(access.Forbidden, match="role"):
            clear(user, flag.pk)
    for kind in flags.DOCTORS_ONLY:
        with pytest.raises(access.Forbidden, match="role"):
            put(cast.nurse, patient.pk, kind)
    with pytest.raises(access.Forbidden, match="role"):
        clear(cast.nurse, resuscitation.pk)
    for unknown in (flag.pk, uuid.uuid4()):
        with pytest.raises(access.Forbidden, match="not available"):
            clear(cast.nurse_of_another_ward, unknown)
    with pytest.raises(access.Forbidden, match="not available"):
        put(cast.nurse_of_another_ward, patient.pk, "falls")
    assert on_board(patient) == ["dnacpr", "falls"]


@pytest.mark.parametrize("given", [("fall", ""), ("falls", "x" * 201), ("falls", "a\x00b"), ("", "")])
def test_what_is_no_flag_is_told(cast: Cast, patient: Patient, given: tuple[str, str]) -> None:
    with pytest.raises(InvalidFlag):
        put(cast.nurse, patient.pk, *given)
    assert not Flag.objects.exists()
