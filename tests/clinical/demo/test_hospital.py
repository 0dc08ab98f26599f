"""What the demo hospital has, and that it can be built again."""

from collections import Counter
from typing import Any

import pytest
from django.db import transaction

from accounts.models import WALL_DISPLAYS, Role, User
from clinical import access
from clinical.demo import hospital
from clinical.models import Drug, MedicationOrder, ObservationSet, Patient, Ward
from clinical.services import board
from hubs.feeds.subscriptions import Position

pytestmark = pytest.mark.django_db


def census() -> list[Any]:
    fields = ("ward_id", "bed", "mrn", "family_name", "given_name", "born_on", "version")
    return list(Patient.objects.order_by("mrn").values_list(*fields))


def test_three_wards_forty_patients_of_all_kinds_and_a_login_a_role() -> None:
    hospital.build(1, "secret")
    assert Ward.objects.count() == 3
    assert Patient.objects.count() == 40
    assert Drug.objects.count() == len(hospital.DRUGS)
    assert set(User.objects.values_list("role", flat=True)) == set(Role)
    assert MedicationOrder.objects.exists()
    bands: Counter[str] = Counter()
    for ward in Ward.objects.all():
        for row in board.snapshot(ward, Position("", 1, 0)).beds:
            bands[row.observation.score.band if row.observation else "none"] += 1
    assert bands["none"] == 3
    assert {"routine", "low", "medium"} <= set(bands)


def test_staff_of_the_demo_reach_their_wards(small_demo: None) -> None:
    hospital.build(1, "secret")
    for login in hospital.LOGINS:
        user = User.objects.get(username=login.username)
        assert user.check_password("secret")
        if login.department and login.role not in WALL_DISPLAYS:
            assert access.ward_for(user, login.department).pk == login.department
    admin = User.objects.get(role=Role.ADMIN)
    assert admin.is_superuser
    assert not User.objects.exclude(pk=admin.pk).filter(is_staff=True).exists()


def test_the_same_seed_gives_the_same_hospital(small_demo: None) -> None:
    found = []
    for seed in (1, 1, 2):
        with transaction.atomic():
            hospital.build(seed, "secret")
            found.append(census())
            transaction.set_rollback(True)
    assert found[0] == found[1] != found[2]


def test_a_second_time_keeps_what_is_there(small_demo: None) -> None:
    hospital.build(1, "secret")
    Ward.objects.filter(pk="icu").update(name="Renamed")
    before, sets = census(), ObservationSet.objects.count()
    hospital.build(2, "another")
    assert census() == before
    assert ObservationSet.objects.count() == sets
    assert Ward.objects.get(pk="icu").name == "Renamed"
    assert User.objects.get(username="nurse.icu").check_password("secret")


def test_a_failure_leaves_nothing_behind(small_demo: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(hospital, "_observe", fail)
    with pytest.raises(RuntimeError):
        hospital.build(1, "secret")
    assert not Ward.objects.exists()
    assert not User.objects.exists()
