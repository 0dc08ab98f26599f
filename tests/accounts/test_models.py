import msgspec
import pytest
from django.contrib.auth import authenticate
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from hubs.authority import FEED
from hubs.models import FeedEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse() -> User:
    return User.objects.create_user("nina", password="x", role=Role.NURSE, department="icu")


def changed() -> list[str]:
    """Whose rights have been said to change, oldest first."""
    payloads = FeedEvent.objects.filter(feed__name=FEED).order_by("seq").values_list("payload", flat=True)
    return [msgspec.json.decode(payload)["user"] for payload in payloads]


@pytest.mark.parametrize(
    ("field", "value"),
    [("role", Role.DOCTOR), ("department", "cardio"), ("is_active", False), ("is_superuser", True)],
)
def test_a_saved_change_of_rights_is_said(nurse, field, value):
    setattr(nurse, field, value)
    nurse.save()
    assert changed() == [str(nurse.pk)]


def test_a_new_password_is_a_change_of_rights(nurse):
    nurse.set_password("another")
    nurse.save(update_fields=["password"])
    assert changed() == [str(nurse.pk)]


def test_what_decides_nothing_is_not_said(nurse, client):
    nurse.last_name = "Nightingale"
    nurse.save()
    nurse.save(update_fields=["last_name"])
    User.objects.filter(pk=nurse.pk).update(first_name="Nina")
    client.force_login(nurse)  # notes the time of the login
    assert authenticate(username="nina", password="x") == nurse
    assert changed() == []


def test_a_new_user_has_no_connection_that_could_hear_of_it():
    User.objects.create_user("new", role=Role.NURSE)
    assert changed() == []


def test_an_update_of_many_is_said_for_each_of_them(nurse):
    other = User.objects.create_user("omar", department="icu")
    User.objects.create_user("pia", department="cardio")
    assert User.objects.filter(department="icu").update(department="surgery") == 2
    assert changed() == [str(nurse.pk), str(other.pk)]


def test_a_bulk_update_is_said_for_each_of_them(nurse):
    nurse.role = Role.VISITOR
    User.objects.bulk_update([nurse], ["role"])
    assert changed() == [str(nurse.pk)]


def test_a_deletion_is_said_whoever_deletes(nurse):
    other = User.objects.create_user("omar")
    gone = [str(nurse.pk), str(other.pk)]
    nurse.delete()
    User.objects.filter(pk=other.pk).delete()
    assert changed() == gone


def test_a_change_that_is_rolled_back_was_none(nurse):
    with transaction.atomic():
        nurse.is_active = False
        nurse.save()
        transaction.set_rollback(True)
    assert changed() == []


def test_the_admin_site_counts_too(nurse):
    chief = User.objects.create_superuser("chief", password="x")
    browser = Client()
    browser.force_login(chief)
    url = reverse("admin:accounts_user_change", args=[nurse.pk])
    form = browser.get(url).context["adminform"].form
    values = {name: "" if value is None else value for name, value in form.initial.items()}
    del values["is_active"], values["password"], values["groups"], values["user_permissions"]
    values |= {
        "date_joined_0": "2026-11-24",
        "date_joined_1": "10:00:00",
        "last_login_0": "",
        "last_login_1": "",
    }
    del values["date_joined"], values["last_login"], values["is_superuser"], values["is_staff"]
    assert browser.post(url, values).status_code == 302
    nurse.refresh_from_db()
    assert not nurse.is_active
    assert changed() == [str(nurse.pk)]
