"""Who reaches which ward and patient; every refusal says the same."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Role, User
from clinical import access
from clinical.models import Assignment, Patient, Ward
from clinical.services import patients
from hubs.errors import HubError
from tests.cast import Cast
from tests.clinical.conftest import admitted


def test_staff_of_the_ward_reach_it(cast: Cast, icu: Ward) -> None:
    for user in (cast.nurse, cast.doctor, cast.pharmacist, cast.admin):
        assert access.ward_for(user, "icu") == icu


def test_an_admin_reaches_every_ward(cast: Cast, icu: Ward, cardio: Ward) -> None:
    assert access.ward_for(cast.admin, "cardio") == cardio


def test_strangers_get_the_text_of_the_contract(cast: Cast, icu: Ward) -> None:
    for user in (cast.nurse_of_another_ward, cast.visitor, cast.deactivated):
        with pytest.raises(access.Forbidden) as caught:
            access.ward_for(user, "icu")
        assert str(caught.value) == "Access to this ward requires matching department assignment."


@pytest.mark.parametrize(
    "ward_id",
    ["", " ", "ICU", "Icu", "icu ", " icu", "icu\n", "icu\x00", "icu%", "*", "\ud800", "x" * 5000, "ïcu"],
)
def test_AZ_4_a_ward_that_is_not_there_is_refused_like_one_that_is_not_yours(
    cast: Cast, icu: Ward, ward_id: str
) -> None:
    for user in (cast.nurse, cast.admin):
        with pytest.raises(
            HubError, match=r"^Access to this ward requires matching department assignment\.$"
        ):
            access.ward_for(user, ward_id)


@pytest.mark.parametrize("department", ["", "ICU", "icu-2", "cardio"])
def test_the_department_must_match_letter_for_letter(cast: Cast, icu: Ward, department: str) -> None:
    cast.nurse.department = department
    with pytest.raises(access.Forbidden):
        access.ward_for(cast.nurse, "icu")


def test_a_department_without_a_ward_opens_nothing(cast: Cast, icu: Ward) -> None:
    cast.nurse.department = "closed-ward"
    with pytest.raises(access.Forbidden):
        access.ward_for(cast.nurse, "closed-ward")


def test_an_admin_without_clinical_role_is_nobody(cast: Cast, icu: Ward) -> None:
    """Being a superuser of the admin site gives no sight of a ward."""
    cast.visitor.is_superuser = True
    with pytest.raises(access.Forbidden):
        access.ward_for(cast.visitor, "icu")


def test_a_patient_is_reached_through_the_ward(cast: Cast, patient: Patient) -> None:
    for user in (cast.nurse, cast.doctor, cast.admin):
        assert access.patient_for(user, patient.pk) == patient


def test_AZ_4_unknown_and_forbidden_patients_are_told_apart_by_nobody(cast: Cast, patient: Patient) -> None:
    gone = admitted(patient.ward, "2")  # type: ignore[arg-type]  # the fixture's patient has a ward
    patients.discharge(gone.pk)
    texts = set()
    for user, patient_id in (
        (cast.nurse_of_another_ward, patient.pk),
        (cast.visitor, patient.pk),
        (cast.nurse, gone.pk),
        (cast.admin, gone.pk),
        (cast.nurse, uuid.uuid4()),
    ):
        with pytest.raises(access.Forbidden) as caught:
            access.patient_for(user, patient_id)
        texts.add(str(caught.value))
    assert texts == {"Not found, or not available to you."}


def test_everybody_sees_their_own_ward_and_admins_all(
    cast: Cast, patient: Patient, patient_elsewhere: Patient
) -> None:
    def seen(user: User) -> set[Patient]:
        return set(access.visible_patients(user))

    assert seen(cast.nurse) == {patient}
    assert seen(cast.nurse_of_another_ward) == {patient_elsewhere}
    assert seen(cast.admin) == {patient, patient_elsewhere}
    assert seen(cast.visitor) == seen(cast.deactivated) == set()


def test_nobody_sees_the_discharged(cast: Cast, patient: Patient) -> None:
    patients.discharge(patient.pk)
    assert not access.visible_patients(cast.admin).exists()
    cast.nurse.department = ""
    assert not access.visible_patients(cast.nurse).exists()


def test_a_role_that_is_not_named_is_refused(cast: Cast) -> None:
    access.require_role(cast.nurse, Role.DOCTOR, Role.NURSE)
    for user, roles in ((cast.nurse, (Role.DOCTOR,)), (cast.nurse, ()), (cast.deactivated, (Role.NURSE,))):
        with pytest.raises(access.Forbidden):
            access.require_role(user, *roles)


def test_reaching_costs_one_query(cast: Cast, patient: Patient, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        access.patient_for(cast.nurse, patient.pk)
    with django_assert_num_queries(1):
        access.ward_for(cast.nurse, "icu")
    # One for the assignments, the same for a ward that is not there.
    for ward_id in ("cardio", "nowhere"):
        with django_assert_num_queries(1), pytest.raises(access.Forbidden):
            access.ward_for(cast.nurse, ward_id)


HOUR = timedelta(hours=1)


def assigned(user: User, ward: Ward, begins: timedelta, ends: timedelta | None, **changes: Any) -> Assignment:
    now = timezone.now()
    given = {"kind": "home" if ends is None else "shift", "reason": "test", "granted_by": user} | changes
    return Assignment.objects.create(
        user=user,
        ward=ward,
        begins_at=now + begins,
        ends_at=None if ends is None else now + ends,
        **given,
    )


def test_an_assignment_opens_another_ward_from_its_begin_to_its_end(
    cast: Cast, patient: Patient, patient_elsewhere: Patient, cardio: Ward
) -> None:
    shift = assigned(cast.nurse, cardio, -HOUR, HOUR)
    assert access.ward_for(cast.nurse, "cardio") == cardio
    assert access.require_ward(cast.nurse, "cardio") == shift.ends_at
    assert access.require_ward(cast.nurse, "icu") == access.FOR_GOOD
    assert access.patient_for(cast.nurse, patient_elsewhere.pk) == patient_elsewhere
    assert set(access.visible_patients(cast.nurse)) == {patient, patient_elsewhere}
    assert [ward.pk for ward in access.visible_wards(cast.nurse)] == ["cardio", "icu"]
    # Whoever it was given to, and nobody else.
    assert not access.may_see(cast.doctor, "cardio")


def test_the_last_of_several_ends_counts_and_a_home_has_none(cast: Cast, cardio: Ward) -> None:
    assigned(cast.nurse, cardio, -HOUR, HOUR)
    later = assigned(cast.nurse, cardio, -HOUR, 2 * HOUR)
    assert access.require_ward(cast.nurse, "cardio") == later.ends_at
    assigned(cast.nurse, cardio, -HOUR, None)
    assert access.require_ward(cast.nurse, "cardio") == access.FOR_GOOD


@pytest.mark.parametrize(
    "times", [(HOUR, 2 * HOUR, {}), (-2 * HOUR, -HOUR, {}), (-HOUR, HOUR, {"revoked_at": timezone.now()})]
)
def test_an_assignment_to_come_over_or_revoked_opens_nothing(
    cast: Cast, patient_elsewhere: Patient, cardio: Ward, times: tuple[timedelta, timedelta, dict[str, Any]]
) -> None:
    begins, ends, changes = times
    assigned(cast.nurse, cardio, begins, ends, **changes)
    for attempt in (
        lambda: access.ward_for(cast.nurse, "cardio"),
        lambda: access.patient_for(cast.nurse, patient_elsewhere.pk),
    ):
        with pytest.raises(access.Forbidden):
            attempt()
    assert not access.visible_wards(cast.nurse).filter(pk="cardio").exists()


def test_an_assignment_makes_nobody_staff(cast: Cast, icu: Ward) -> None:
    for user in (cast.visitor, cast.deactivated):
        assigned(user, icu, -HOUR, HOUR)
        assert not access.may_see(user, "icu")
        assert not access.visible_wards(user).exists()
        assert not access.is_in_charge(user, "icu")
