"""The assignments of a change of shifts, where something is missing."""

from random import Random

import pytest

from accounts.models import Role, User
from clinical.access import Forbidden
from clinical.demo.shifts import Handover
from clinical.models import Assignment, Ward
from tests.cast import Cast, hire


def test_where_nobody_else_could_come_or_take_over_nothing_changes(cast: Cast, icu: Ward) -> None:
    User.objects.filter(pk=cast.nurse_of_another_ward.pk).update(is_active=False)
    handover = Handover(Random(3), "icu")
    handover.pass_charge()
    before = list(Assignment.objects.values())
    handover.assign()
    handover.pass_charge()
    handover.relieve()
    assert list(Assignment.objects.values()) == before
    assert icu.assignments.get().user == cast.nurse


def test_assignments_that_people_have_given_are_not_ended(cast: Cast, icu: Ward) -> None:
    given = Assignment.objects.create(
        user=hire("nurse.surgery", Role.NURSE, "surgery"),
        ward=icu,
        kind=Assignment.Kind.HOME,
        reason="helps out",
        granted_by=cast.admin,
    )
    Handover(Random(3), "icu").relieve()
    given.refresh_from_db()
    assert given.revoked_at is None


def test_without_an_administrator_nobody_passes_the_charge(cast: Cast, icu: Ward) -> None:
    User.objects.filter(pk=cast.admin.pk).update(is_active=False)
    with pytest.raises(Forbidden):
        Handover(Random(3), "icu").pass_charge()
